// How many threads are worth starting: what the kernel lets this process use, and what the
// user asks for.
#pragma once
#include <optional>
#include <string>

namespace diffusion {

/// What there is to run threads on.
struct Processors {
  int machine = 1;              // all that are on line
  int allowed = 1;              // those in the process' affinity mask, as cpusets narrow it
  std::optional<double> quota;  // how many processors' time control groups grant, if they say
};

/// The tightest CPU quota of the control groups that the process is in, its own and all
/// above it, in processors (1.5: three quarters of the time of two). Reads the versions 1
/// (cpu.cfs_quota_us over cpu.cfs_period_us) and 2 (cpu.max) of the kernel's interface,
/// also when both are mounted, and in containers, where the topmost group in sight is the
/// container's own. What is missing or malformed limits nothing. `proc` is where the proc
/// file system is mounted; it says where the control groups are.
std::optional<double> cpu_quota(const std::string& proc = "/proc");

/// A number of threads and where it is from: "affinity mask", "cgroup quota 1.5 processors",
/// "OMP_NUM_THREADS", "`threads` 3", "2 processors".
struct ThreadChoice {
  int count = 1;
  std::string reason;
};

/// `asked` threads; if 0 as many as `omp_num_threads` says (the environment's
/// OMP_NUM_THREADS, or null); if that says nothing as many as the processors allow. A quota
/// is rounded down, to one at least: threads wait for each other, and when the last of them
/// has used up the quota's period, all stand still until the next.
ThreadChoice choose_threads(int asked, const char* omp_num_threads, const Processors& processors);

}  // namespace diffusion
