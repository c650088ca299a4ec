// The number of threads, on made-up trees of /proc and of control groups.
#include "lib/base/processors.hpp"

#include <optional>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using test::Scratch;

namespace {

/// The files that the kernel would show to a process.
class Machine {
 public:
  /// A line of /proc/self/cgroup, such as "0::/jobs".
  void in(const std::string& line) { groups_ += line + "\n"; }

  /// A line of /proc/self/mountinfo, of a hierarchy whose group `top` lies at `point`.
  void mounted(const std::string& type, const std::string& options, const std::string& point,
               const std::string& top = "/") {
    mounts_ += "33 31 0:30 " + top + " " + scratch_ / point + " rw,relatime shared:9 - " + type +
               " cgroup rw," + options + "\n";
  }

  void version_two(const std::string& group, const std::string& top = "/") {
    in("0::" + group);
    mounted("cgroup2", "nsdelegate", "cgroup", top);
  }
  void version_one(const std::string& group, const std::string& top = "/") {
    in("9:memory:/elsewhere");
    in("4:cpu,cpuacct:" + group);
    mounted("cgroup", "memory", "memory");
    mounted("cgroup", "cpu,cpuacct", "cpu", top);
  }

  void file(const std::string& path, const std::string& text) { scratch_.write(path, text); }
  void quota_one(const std::string& group, const std::string& quota, const std::string& period) {
    file(group + "/cpu.cfs_quota_us", quota + "\n");
    file(group + "/cpu.cfs_period_us", period + "\n");
  }

  std::optional<double> quota() const {
    scratch_.write("proc/self/cgroup", groups_);
    scratch_.write("proc/self/mountinfo",
                   "23 1 0:21 / / rw - ext4 /dev/vda rw\n" + mounts_ + "31 23 0:28 / /tmp rw -\n");
    return cpu_quota(scratch_ / "proc");
  }

 private:
  Scratch scratch_;
  std::string groups_, mounts_;
};

}  // namespace

TEST_CASE("the quota of a group of version 2", "[processors]") {
  Machine machine;
  machine.version_two("/jobs/one");
  CHECK_FALSE(machine.quota());
  machine.file("cgroup/jobs/one/cpu.max", "150000 100000\n");
  CHECK(machine.quota() == 1.5);
  machine.file("cgroup/jobs/one/cpu.max", "max 100000\n");
  CHECK_FALSE(machine.quota());
  machine.file("cgroup/jobs/one/cpu.max", "5000 50000\n");
  CHECK(machine.quota() == 0.1);
}

TEST_CASE("the tightest quota among a group and its parents counts", "[processors]") {
  Machine machine;
  machine.version_two("/a/b/c");
  machine.file("cgroup/a/b/c/cpu.max", "400000 100000\n");
  CHECK(machine.quota() == 4);
  machine.file("cgroup/a/cpu.max", "25000 10000\n");
  CHECK(machine.quota() == 2.5);
  machine.file("cgroup/a/b/cpu.max", "max 100000\n");
  CHECK(machine.quota() == 2.5);
  machine.file("cgroup/a/d/cpu.max", "10000 100000\n");  // of another group
  CHECK(machine.quota() == 2.5);
}

TEST_CASE("the quota of a group of version 1", "[processors]") {
  Machine machine;
  machine.version_one("/jobs/one");
  machine.quota_one("cpu/jobs/one", "-1", "100000");
  CHECK_FALSE(machine.quota());
  machine.quota_one("cpu/jobs", "300000", "100000");
  CHECK(machine.quota() == 3);
  machine.quota_one("cpu/jobs/one", "50000", "20000");
  CHECK(machine.quota() == 2.5);
  machine.quota_one("memory/jobs/one", "10000", "100000");  // of another controller
  CHECK(machine.quota() == 2.5);
}

TEST_CASE("where both versions are mounted either may hold the quota", "[processors]") {
  Machine machine;
  machine.version_one("/");
  machine.in("0::/user");
  machine.mounted("cgroup2", "nsdelegate", "unified");
  CHECK_FALSE(machine.quota());
  machine.quota_one("cpu", "200000", "100000");
  CHECK(machine.quota() == 2);
  machine.file("unified/user/cpu.max", "150000 100000\n");
  CHECK(machine.quota() == 1.5);
  machine.quota_one("cpu", "100000", "100000");
  CHECK(machine.quota() == 1);
}

TEST_CASE("in a container the topmost group in sight is its own", "[processors]") {
  SECTION("with names of its own for groups") {
    Machine machine;
    machine.version_two("/");
    machine.file("cgroup/cpu.max", "150000 100000\n");
    CHECK(machine.quota() == 1.5);
  }
  SECTION("with the host's names") {
    Machine machine;
    machine.version_one("/docker/1f3a/worker", "/docker/1f3a");
    machine.quota_one("cpu/worker", "350000", "100000");
    machine.quota_one("cpu", "250000", "100000");
    machine.quota_one("cpu/docker/1f3a/worker", "10000", "100000");  // there is no such group
    CHECK(machine.quota() == 2.5);
  }
  SECTION("in a group that the mount does not show") {
    using Case = std::pair<const char*, const char*>;
    for (const auto& [group, top] :
         {Case("/../outside", "/"), Case("/docker/1f3abc", "/docker/1f3a"),
          Case("/elsewhere", "/docker/1f3a")}) {
      CAPTURE(group, top);
      Machine machine;
      machine.version_two(group, top);
      machine.file("cgroup/cpu.max", "150000 100000\n");
      machine.file("outside/cpu.max", "10000 100000\n");
      CHECK(machine.quota() == 1.5);
    }
  }
}

TEST_CASE("among several mounts the one that shows the group counts", "[processors]") {
  Machine machine;
  machine.version_one("/inner", "/../..");  // the host's, in sight of a namespace of its own
  machine.mounted("cgroup", "cpu", "own");
  machine.quota_one("cpu", "10000", "100000");
  machine.quota_one("own/inner", "250000", "100000");
  CHECK(machine.quota() == 2.5);
}

TEST_CASE("a mount of the very group counts", "[processors]") {
  Machine machine;
  machine.version_one("/docker/1f3a", "/docker/other");
  machine.mounted("cgroup", "cpu", "own", "/docker/1f3a");
  machine.quota_one("cpu", "10000", "100000");
  machine.quota_one("own", "250000", "100000");
  CHECK(machine.quota() == 2.5);
}

TEST_CASE("blanks in the place of a mount are read", "[processors]") {
  Machine machine;
  machine.in("0::/");
  machine.mounted("cgroup2", "nsdelegate", "control\\040groups");
  machine.file("control groups/cpu.max", "150000 100000\n");
  CHECK(machine.quota() == 1.5);
}

TEST_CASE("what is malformed limits nothing", "[processors]") {
  for (const char* text : {"", "\n", "max", "100000", "100000 0\n", "-1 100000\n", "0 100000\n",
                           "1e5 100000\n", "100000 100000 1\n", "99999999999999999999 1\n"}) {
    CAPTURE(text);
    Machine machine;
    machine.version_two("/a");
    machine.file("cgroup/a/cpu.max", text);
    CHECK_FALSE(machine.quota());
    machine.file("cgroup/cpu.max", "150000 100000\n");  // its parent still counts
    CHECK(machine.quota() == 1.5);
  }
  CHECK_FALSE(cpu_quota("/nowhere"));
  for (const char* line : {"", ":", "0:", "0::", "::", "garbage", "4:cpu", "4:cpu:"}) {
    CAPTURE(line);
    Machine machine;
    machine.in(line);
    machine.mounted("cgroup2", "", "cgroup");
    machine.mounted("cgroup", "cpu", "cpu");
    CHECK_FALSE(machine.quota());
  }
  const Scratch scratch;
  scratch.write("self/cgroup", "0::/\n");
  for (const char* line : {"-", "- cgroup2", "1 2 3 4 5 6 - cgroup2 a", "/ / - cgroup2 b rw"}) {
    CAPTURE(line);
    scratch.write("self/mountinfo", line);
    CHECK_FALSE(cpu_quota(scratch.folder().string()));
  }
}

TEST_CASE("threads follow the request, then OpenMP's variable, then the processors",
          "[processors]") {
  const auto chosen = [](int asked, const char* variable, const Processors& processors) {
    const ThreadChoice choice = choose_threads(asked, variable, processors);
    return std::to_string(choice.count) + " (" + choice.reason + ")";
  };
  CHECK(chosen(0, nullptr, {8, 8, {}}) == "8 (8 processors)");
  CHECK(chosen(0, nullptr, {1, 1, {}}) == "1 (1 processor)");
  CHECK(chosen(0, nullptr, {8, 3, {}}) == "3 (affinity mask)");
  CHECK(chosen(0, nullptr, {8, 8, 2.0}) == "2 (cgroup quota 2 processors)");
  CHECK(chosen(0, nullptr, {8, 8, 1.0}) == "1 (cgroup quota 1 processor)");
  CHECK(chosen(0, nullptr, {8, 8, 1.5}) == "1 (cgroup quota 1.5 processors)");
  CHECK(chosen(0, nullptr, {8, 8, 0.25}) == "1 (cgroup quota 0.25 processors)");
  CHECK(chosen(0, nullptr, {8, 3, 5.0}) == "3 (affinity mask)");
  CHECK(chosen(0, nullptr, {8, 3, 2.5}) == "2 (cgroup quota 2.5 processors)");
  CHECK(chosen(0, nullptr, {8, 8, 8.0}) == "8 (8 processors)");
  CHECK(chosen(0, nullptr, {2, 2, 1e12}) == "2 (2 processors)");
  CHECK(chosen(0, "6", {8, 3, 2.5}) == "6 (OMP_NUM_THREADS)");
  CHECK(chosen(0, " 4 ,2", {8, 8, {}}) == "4 (OMP_NUM_THREADS)");
  for (const char* none : {"", ",", "0", "-2", "many", "2x", "99999999999999999999"})
    CHECK(chosen(0, none, {8, 8, {}}) == "8 (8 processors)");
  CHECK(chosen(3, "6", {8, 1, 0.5}) == "3 (`threads` 3)");
}
