#include "tools/train/ranks.hpp"

#include <bit>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/module.hpp"
#include "tools/cli/uncaught.hpp"

namespace diffusion {
namespace {

/// What all ranks find wrong the first says alone, as it ends them; of a fault that others have,
/// the one with the lowest number is soonest. A launcher of many ranks on a busy machine takes
/// seconds to end them.
void let_others_speak(std::size_t rank) {
  if (rank == 0) return;
  const auto moments = 100 + 4 * std::min(rank, std::size_t(100));
  for (std::size_t i = 0; i < moments; ++i) {
    if (interrupted()) std::_Exit(cli::failed);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

[[noreturn]] void end_all(cli::Tool& tool, const Ranks& ranks, const std::string& message,
                          cli::ExitCode code) {
  let_others_speak(ranks.rank);
  const std::string who = ranks.first() ? "" : "rank " + std::to_string(ranks.rank) + ": ";
  std::cerr << tool.app().get_name() + ": " + who + tool.worded(message) + "\n";
  std::cout.flush();
  end_all_ranks(code);
}

/// As one of several: no exception may leave the others waiting.
cli::ExitCode run_among(cli::Tool& tool, const Ranks& ranks,
                        const std::function<cli::ExitCode(const Ranks&)>& body) {
  try {
    const cli::ExitCode code = body(ranks);
    std::cout.flush();
    leave_ranks();
    return ranks.first() ? code : cli::done;  // launchers end all at the first other code
  } catch (const Interrupted& e) {
    end_all(tool, ranks, e.what(), cli::stopped);
  } catch (const Error& e) {
    end_all(tool, ranks, e.what(), cli::failed);
  } catch (const ModuleError& e) {
    end_all(tool, ranks, e.what(), cli::failed);
  } catch (const std::exception& e) {
    end_all(tool, ranks, cli::as_bug(e), cli::failed);
  }
}

/// Throws Error where the processes know nothing of each other: each would be a run of its own,
/// and all would write one file.
void need_all(const Launch& launched, const Ranks& ranks) {
  if (!launched.processes || ranks.count == *launched.processes) return;
  const std::string started =
      launched.launcher + " started " + std::to_string(*launched.processes) + " processes, and ";
  const std::string found =
      ranks.alone() ? "MPI knows of one alone" : "MPI knows of " + std::to_string(ranks.count);
  if (launched.launcher == "srun")
    throw Error(started + found +
                ": say srun --mpi=pmix, or use mpirun; for runs of their own, give each a step: "
                "srun -n 1");
  throw Error(started + found + " (" + mpi_library() + "): use the mpirun that belongs to it");
}

/// Open MPI has only PMIx to learn of other processes, and ends in pages of its own words where
/// srun started some without.
bool never_heard_of_others(const Launch& launched) {
  return !launched.by_pmix && mpi_library().starts_with("Open MPI");
}

Ranks join(const Launch& launched) {
  try {
    if (never_heard_of_others(launched)) need_all(launched, {});
    Ranks ranks = join_ranks();
    need_all(launched, ranks);
    if (!std::has_single_bit(ranks.count))
      throw Error(std::to_string(ranks.count) + " ranks were started: their number must be a " +
                  "power of two, as 2, 4 or 8");
    return ranks;
  } catch (const std::exception&) {
    let_others_speak(launched.rank);
    if (launched.rank > 0) std::_Exit(cli::failed);
    throw;
  }
}

}  // namespace

cli::ExitCode among_ranks(cli::Tool& tool, const std::function<cli::ExitCode(const Ranks&)>& body) {
  const auto launched = launch();
  if (!launched || launched->processes == 1) return body({});
  const Ranks ranks = join(*launched);
  if (!ranks.first()) tool.fall_silent();
  return run_among(tool, ranks, body);
}

}  // namespace diffusion
