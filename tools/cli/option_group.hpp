// Options that belong together, in --help.
#pragma once
#include <string>

#include "tools/cli/tool.hpp"

namespace diffusion::cli {

/// Options that are added to `app` while it lives stand under this title.
class OptionGroup {
 public:
  OptionGroup(CLI::App& app, const std::string& title)
      : app_(app), before_(app.option_defaults()->get_group()) {
    app_.option_defaults()->group(title);
  }
  ~OptionGroup() { app_.option_defaults()->group(before_); }
  OptionGroup(const OptionGroup&) = delete;
  OptionGroup& operator=(const OptionGroup&) = delete;

 private:
  CLI::App& app_;
  std::string before_;
};

}  // namespace diffusion::cli
