#include "tools/cli/message.hpp"

#include "tools/cli/tool.hpp"

namespace diffusion::cli {
namespace {

/// The flag that sets what is called `name`, or "".
std::string flag_of(const std::string& name, const CLI::App& app) {
  for (const CLI::App* subcommand : app.get_subcommands())
    if (const std::string flag = flag_of(name, *subcommand); !flag.empty()) return flag;
  const CLI::Option* option = app.get_option_no_throw((name.size() == 1 ? "-" : "--") + name);
  if (option == nullptr || name.empty()) return "";
  return option->get_snames().empty() ? "--" + name : "-" + option->get_snames().front();
}

}  // namespace

std::string with_flags(std::string message, const CLI::App& app) {
  std::size_t open = message.find('`');
  while (open != message.npos) {
    const std::size_t close = message.find('`', open + 1);
    if (close == message.npos) break;
    const std::string flag = flag_of(message.substr(open + 1, close - open - 1), app);
    if (flag.empty()) {
      open = close;  // which may open the next
    } else {
      message.replace(open, close + 1 - open, flag);
      open = message.find('`', open + flag.size());
    }
  }
  return message;
}

}  // namespace diffusion::cli
