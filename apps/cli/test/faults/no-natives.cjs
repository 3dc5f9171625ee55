// Makes the native libraries be missing, as after an install whose build scripts were refused.
const missing = /^(@livekit\/rtc-node|@discordjs\/opus|naudiodon)(\/|$)/;
require("node:module").registerHooks({
  resolve(specifier, context, next) {
    if (missing.test(specifier)) throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" });
    return next(specifier, context);
  },
});
