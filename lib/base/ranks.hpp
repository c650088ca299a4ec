// Ranks: processes that work on one thing together, as a launcher (mpirun, srun) starts them.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "lib/base/shard.hpp"

namespace diffusion {

/// This process, one of `count`; alone where nothing else is said. All of them go through the
/// same exchanges in the same order, each from one thread at a time.
struct Ranks {
  std::size_t rank = 0, count = 1;
  /// Sends `out` to a partner and fills `in` with what that one sends, who calls this with the
  /// sizes the other way round. Throws Error where the partner cannot be reached. A rank alone
  /// never calls it.
  std::function<void(std::size_t partner, std::span<const std::byte> out, std::span<std::byte> in)>
      exchange = {};

  bool first() const { return rank == 0; }
  bool alone() const { return count == 1; }
};

/// [0, n) in as many runs as there are ranks.
std::vector<Range> runs_of(const Ranks& ranks, std::size_t n);

/// Every rank has filled its own part of `all`, `parts[rank]`, behind that of the rank before;
/// then all have all of it. The number of ranks is a power of two.
void gather(const Ranks& ranks, std::span<const Range> parts, std::span<std::byte> all,
            std::size_t bytes_each);

template <class T>
requires std::is_trivially_copyable_v<T>
void gather(const Ranks& ranks, std::span<const Range> parts, std::span<T> all) {
  gather(ranks, parts, std::as_writable_bytes(all), sizeof(T));
}

/// The same for parts in any order, but only the first rank has all of it then.
void gather_at_first(const Ranks& ranks, std::span<const Range> parts, std::span<const float> own,
                     std::span<float> all);

/// The value of each rank.
template <class T>
requires std::is_trivially_copyable_v<T> std::vector<T> of_all(const Ranks& ranks, const T& own) {
  std::vector<T> all(ranks.count);
  all[ranks.rank] = own;
  gather<T>(ranks, runs_of(ranks, ranks.count), all);
  return all;
}

/// The text of each rank.
std::vector<std::string> texts_of_all(const Ranks& ranks, const std::string& own);

/// Throws Error where a rank has another text than the first: they "differ in" `what`, which must
/// be the same on all machines.
void need_same(const Ranks& ranks, const std::string& own, const std::string& what);

/// What the environment says of who started this process.
struct Launch {
  std::string launcher;                  // "mpirun", "srun"
  std::optional<std::size_t> processes;  // how many it started, where that is said
  std::size_t rank = 0;                  // which of them this one is, as far as it says
  bool by_pmix = false;                  // whether PMIx tells it of the others
};

/// Nothing where no launcher did.
std::optional<Launch> launch();

/// Loads the module for MPI, and joins the others; until leave_ranks(). Throws ModuleError.
Ranks join_ranks();
/// All have come to their end.
void leave_ranks();
/// Ends all ranks with this exit code, wherever they are.
[[noreturn]] void end_all_ranks(int code);

/// "Open MPI v4.1.4", or why there is none.
std::string mpi_library();

}  // namespace diffusion
