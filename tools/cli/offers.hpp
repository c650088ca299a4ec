// What a command line that is being typed may go on with.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/cli/flags.hpp"

namespace diffusion::cli {

/// A word in the place of the one at hand.
struct Offer {
  std::string word, summary = "";
};

/// Files, and the folders that they lie in.
struct FileOffer {
  std::string before;                // of the word at hand, before the file's name
  std::vector<std::string> endings;  // with their dots; none: any file
};

/// Not all begin as the word at hand does: that is for the shell to compare, in its own way.
struct Offers {
  std::vector<Offer> words = {};
  std::optional<FileOffer> files = {};
};

/// `words` follow the tool's name; the last is at hand, and may be empty.
Offers offers_for(const CLI::App& tool, const std::vector<Row>& rows,
                  std::span<const std::string> words);

}  // namespace diffusion::cli
