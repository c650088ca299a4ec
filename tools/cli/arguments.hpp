// The words of a command line before they are parsed: what CLI11 would take for something
// else than was meant.
#pragma once
#include <string>
#include <vector>

#include "tools/cli/flags.hpp"

namespace diffusion::cli {

/// The words to parse: flags under a former name have today's, and `notes` says so; a switch and
/// one of its choices behind it are one word ("--resume=auto"). Throws Error where one hyphen
/// stands before the whole name of a long flag ("-seed" would be "-s eed"), where '=' follows a
/// short one ("-o=x" would be "-o =x"), where the value of a flag is empty or another flag, and
/// where a list has an empty item.
std::vector<std::string> tidied(std::vector<std::string> words, const std::vector<Row>& rows,
                                std::vector<std::string>& notes);

}  // namespace diffusion::cli
