@rem The scripts in package.json begin with `exec`, so that a signal to npm reaches them and not a shell that ignores it. This is exec for cmd.exe.
@%*
