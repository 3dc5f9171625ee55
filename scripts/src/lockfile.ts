/**
 * What in a lockfile nobody could hold its bytes against: each package has to come from the registry by name and version, with a
 * checksum. Whether it fits the manifests is the installation's check (`--frozen-lockfile`).
 */
export function lockfileProblems(lockfile: string): readonly string[] {
  const problems: string[] = [];
  let name = "";
  for (const line of lockfile.split("\n")) {
    name = /^ {2}'?([^\s'].*?)'?:$/.exec(line)?.[1] ?? name;
    if (!/^ {4}resolution:/.test(line)) continue;
    if (!/integrity: sha512-[\w+/]{86}==/.test(line)) problems.push(`${name} has no SHA-512 checksum`);
    if (/tarball:|repo:|type: git|directory:|https?:/.test(line)) problems.push(`${name} does not come from the registry`);
  }
  if (!/^ {4}resolution:/m.test(lockfile)) problems.push("there is no package in the lockfile");
  return problems;
}
