#include "lib/base/ranks.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "lib/base/error.hpp"
#include "lib/base/module.hpp"
#include "lib/base/mpi_module.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr const char *module_file = "diffusion-mpi-module.so", *purpose = "speaks MPI";

/// Not every build has this module.
void need_module() {
  try {
    module_path(module_file, purpose);
  } catch (const ModuleError&) {
    throw ModuleError(
        "this build of diffusion-tools has no MPI: install libopenmpi-dev and openmpi-bin, and "
        "build it again");
  }
}

const MpiModule& load() {
  need_module();
  return *reinterpret_cast<decltype(&diffusion_mpi_module)>(
      module_symbol(module_file, mpi_module_symbol, purpose))();
}

const MpiModule& mpi_module() {
  static const MpiModule& loaded = load();
  return loaded;
}

template <class Byte>
std::span<Byte> part_of(std::span<Byte> all, const Range& part, std::size_t bytes_each) {
  return all.subspan(part.first * bytes_each, part.count * bytes_each);
}

/// Nothing where the variable is not set or not such a number.
std::optional<std::size_t> number_in(const char* variable) {
  const char* const value = std::getenv(variable);
  const auto number = value ? parse_integer(value) : std::nullopt;
  return number && *number >= 0 ? std::optional(std::size_t(*number)) : std::nullopt;
}

/// Where a launcher says how many processes it started, and which of them this is.
struct Variables {
  const char *launcher, *processes, *rank;
};

/// mpirun may itself run srun to reach other machines: what it says comes first.
constexpr Variables launchers[] = {
    {"mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
    {"the launcher", "PMI_SIZE", "PMI_RANK"},
    {"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
};

}  // namespace

std::vector<Range> runs_of(const Ranks& ranks, std::size_t n) {
  std::vector<Range> runs;
  for (std::size_t rank = 0; rank < ranks.count; ++rank)
    runs.push_back(Shard{rank + 1, ranks.count}.part_of(n));
  return runs;
}

/// Recursive doubling: neighbours exchange what they have, then pairs of neighbours, and so on.
void gather(const Ranks& ranks, std::span<const Range> parts, std::span<std::byte> all,
            std::size_t bytes_each) {
  assert(parts.size() == ranks.count);
  const auto run = [&](std::size_t begin, std::size_t count) {
    const std::size_t first = parts[begin].first;
    const Range& last = parts[begin + count - 1];
    return part_of(all, {first, last.first + last.count - first}, bytes_each);
  };
  for (std::size_t distance = 1; distance < ranks.count; distance *= 2) {
    const std::size_t begin = ranks.rank / distance * distance;
    ranks.exchange(ranks.rank ^ distance, run(begin, distance), run(begin ^ distance, distance));
  }
}

void gather_at_first(const Ranks& ranks, std::span<const Range> parts, std::span<const float> own,
                     std::span<float> all) {
  assert(own.size() == parts[ranks.rank].count);
  if (!ranks.first()) return ranks.exchange(0, std::as_bytes(own), {});
  std::ranges::copy(own, all.subspan(parts[0].first).begin());
  for (std::size_t from = 1; from < ranks.count; ++from)
    ranks.exchange(from, {}, part_of(std::as_writable_bytes(all), parts[from], sizeof(float)));
}

std::vector<std::string> texts_of_all(const Ranks& ranks, const std::string& own) {
  std::vector<Range> parts;
  std::size_t bytes = 0;
  for (const std::size_t size : of_all(ranks, own.size())) {
    parts.push_back({bytes, size});
    bytes += size;
  }
  std::string all(bytes, '\0');
  all.replace(parts[ranks.rank].first, own.size(), own);
  gather<char>(ranks, parts, all);
  std::vector<std::string> texts;
  for (const auto& [first, size] : parts) texts.push_back(all.substr(first, size));
  return texts;
}

void need_same(const Ranks& ranks, const std::string& own, const std::string& what) {
  const auto texts = texts_of_all(ranks, own);
  for (std::size_t rank = 1; rank < ranks.count; ++rank)
    if (texts[rank] != texts[0])
      throw Error("rank " + std::to_string(rank) + " and rank 0 differ in " + what +
                  ": all must be given the same command and see the same files");
}

std::optional<Launch> launch() {
  const auto by_pmix = number_in("PMIX_RANK");
  for (const auto& [launcher, processes, rank] : launchers)
    if (const auto count = number_in(processes))
      return Launch{launcher, count, number_in(rank).value_or(0), by_pmix.has_value()};
  if (by_pmix) return Launch{"the launcher", std::nullopt, *by_pmix, true};
  return std::nullopt;
}

Ranks join_ranks() { return mpi_module().join(); }

void leave_ranks() { mpi_module().leave(); }

void end_all_ranks(int code) {
  mpi_module().abort(code);
  std::_Exit(code);
}

std::string mpi_library() {
  try {
    return mpi_module().library();
  } catch (const ModuleError& e) {
    return std::string("none (") + e.what() + ")";
  }
}

}  // namespace diffusion
