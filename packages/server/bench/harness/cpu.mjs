// What a process has used, as the kernel counts it. It counts all of its threads and children, because
// a server may be several.

import { readdirSync, readFileSync } from "node:fs";

/** A process, and those that it has started. */
export function familyOf(pid) {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(" ").map(Number).filter(Boolean);
  return [pid, ...children.flatMap(familyOf)];
}

/** Microseconds of CPU time that these processes have used since they began. */
export function cpuMicros(pids) {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0] ?? 0);
    }
  }
  return nanoseconds / 1000;
}

/** Bytes of memory that these processes hold, without what the kernel holds for their sockets. */
export function residentBytes(pids) {
  let bytes = 0;
  for (const pid of pids) {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1];
    bytes += Number(kilobytes ?? 0) * 1024;
  }
  return bytes;
}

/** How many processes wanted to run at the same time during the last minute. */
export function load() {
  return Number(read("/proc/loadavg").split(" ")[0] ?? 0);
}

/** A thread may have ended since it was listed: then it has used nothing any more. */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
