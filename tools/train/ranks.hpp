// A run of diff-train as one of the ranks that a launcher started.
#pragma once
#include <functional>

#include "lib/base/ranks.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

/// Joins the other ranks, where a launcher started several, and runs `body` together with them;
/// else runs it alone. All but the first say nothing, unless they fail: then one says why, and all
/// end. Throws Error for processes that a launcher started and that cannot join.
cli::ExitCode among_ranks(cli::Tool& tool, const std::function<cli::ExitCode(const Ranks&)>& body);

}  // namespace diffusion
