<<<<<<< HEAD
@rem npm's scripts begin with `exec`, so that no shell stands between npm and Node and signals and exit codes pass. This is `exec` for cmd.exe.
@%*
=======
@rem The scripts in package.json begin with `exec`, so that a signal to npm reaches them and not a shell that ignores it. This is exec for cmd.exe.
@%*
>>>>>>> server
