// Lists of steps on the command line: "100", "100,500,900", "0:1000:100".
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace diffusion::cli {

/// The steps that `flag` was given, in that order: numbers, and ranges
/// FROM:TO or FROM:TO:STRIDE with both ends. Throws Error for what is no step in
/// 0..`highest` (0 is clean data), or is named twice.
std::vector<std::int64_t> parse_steps(const std::string& flag, const std::string& list,
                                      std::int64_t highest);

}  // namespace diffusion::cli
