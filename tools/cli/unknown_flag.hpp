// What is said of a flag that a tool does not have.
#pragma once
#include <string>
#include <vector>

namespace diffusion::cli {

/// "unknown option '--batch-size'; here it is --batch", or the nearest of `known`
/// ("--batch", "-n"), or that there is none.
std::string unknown_flag(const std::string& given, const std::vector<std::string>& known);

}  // namespace diffusion::cli
