@rem npm's scripts begin with `exec`, so that no shell stands between npm and Node and signals and exit codes pass. This is `exec` for cmd.exe.
@%*
