// Completion scripts for shells. They know nothing of flags: the tool itself, asked for each
// word, says what may stand there.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/flags.hpp"

namespace diffusion::cli {

/// What a script asks the tool: this flag, then the words after the tool's name, the one that
/// is being typed last.
inline constexpr std::string_view shells_question = "--offer";

/// The answer. Its first line is empty, or tells of files: their endings without dots, or *; a
/// tab; and what of the word stands before their names. A line for each other word follows:
/// the word, a tab, its summary.
std::string answer_to_shell(const CLI::App& app, const std::vector<Row>& rows,
                            std::vector<std::string> words);

/// The script for "bash", "zsh" or "fish".
std::string completion_script(const std::string& tool, const std::string& shell);

}  // namespace diffusion::cli
