// The library's messages in the words of a command line.
#pragma once
#include <string>

namespace CLI {
class App;
}

namespace diffusion::cli {

/// The library names a setting in backquotes, "say `layout` nhwc", and knows no flags: each
/// such name becomes the flag of the parsed subcommand, or else of `app`, that sets it: "-x"
/// where there is one, as the tools' own messages name it, or "--layout". A name that is not
/// a flag stays as it is, backquotes included: it may be part of a file's name or a command.
std::string with_flags(std::string message, const CLI::App& app);

}  // namespace diffusion::cli
