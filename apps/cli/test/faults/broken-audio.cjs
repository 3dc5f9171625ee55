// Makes node-audio fail as no error of ours does: what a fault of Roomtone looks like from outside.
require("node:module").registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "./node-audio.js") throw new Error("a fault that holds eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln");
    return next(specifier, context);
  },
});
