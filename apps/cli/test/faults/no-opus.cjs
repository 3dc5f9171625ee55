// Makes libopus be missing, as where its prebuilt cannot be downloaded and there is no compiler.
const missing = /^@discordjs\/opus(\/|$)/;
require("node:module").registerHooks({
  resolve(specifier, context, next) {
    if (missing.test(specifier)) throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" });
    return next(specifier, context);
  },
});
