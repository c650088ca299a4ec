// A flag is defined once, as a row: the parser, --help, completions, lists, refusals and
// the manual's tests read it. The door of CLI11.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "lib/base/text.hpp"
#include "tools/cli/values.hpp"

namespace diffusion::cli {

class Tool;

/// For Flag::otherwise: --help says no default.
inline constexpr const char* unsaid = "-";

/// A flag, or an argument where its name has no hyphens.
struct Flag {
  std::string names = "";  // "-n,--count"
  std::string value = "";  // what --help calls its value: "N"; "" of a switch
  std::string help = "";   // one line, without the default; {} stands for the choices
  Values values = {};
  std::string otherwise = "";  // the default, where the variable's own value does not say it
  bool required = false;
  std::vector<std::string> needs = {};     // flags without all of which it means nothing
  std::vector<std::string> excludes = {};  // flags beside which it means nothing
  std::optional<std::vector<std::string>> serves = {};  // see Flags::serving
  std::string formerly = "";  // a name that it had, and that is still read
};

/// A flag on the command line that it was added to.
struct Row {
  Flag flag;                // complete: with its default in the help, and whom it serves
  const CLI::App* command;  // the tool's own, or a subcommand's
  const CLI::Option* option;

  bool positional() const { return option->get_positional(); }
  bool takes_value() const { return !flag.value.empty(); }
  /// Whether it means something to the subcommand of that name ("": the tool without one).
  bool serves(const std::string& name) const;
};

/// The heading of the flags that all tools have.
inline constexpr const char* common_heading = "Common options";

/// Flags of a tool's own that every subcommand takes too.
inline const std::vector<std::string> all_commands = {"*"};

/// Adds flags to one command of a tool, under one heading of its --help.
class Flags {
 public:
  Flags(Tool& tool, CLI::App& app, std::string heading = "Options")
      : tool_(&tool), app_(&app), heading_(std::move(heading)) {}

  /// The same command, under another heading.
  Flags under(std::string heading) const;
  /// The tool's own flags that also serve these subcommands; "" is the tool without one,
  /// which alone is served unless this says otherwise.
  Flags serving(std::vector<std::string> commands) const;

  CLI::App& app() const { return *app_; }
  Tool& tool() const { return *tool_; }

  /// A value that goes into `target`, whose value now is the default; a switch for a bool.
  template <class T>
  void add(Flag flag, T& target) const {
    if constexpr (std::is_same_v<T, bool>) {
      enter(std::move(flag),
            [&](const std::string& names) { return app_->add_flag(names, target); });
    } else {
      if (flag.otherwise.empty()) flag.otherwise = text_of(target);
      if (!flag.values.check) flag.values.check = check_for(target);
      enter(std::move(flag),
            [&](const std::string& names) { return app_->add_option(names, target); });
    }
  }

  /// A value that `take` reads; it throws Error.
  void read(Flag flag, const std::function<void(const std::string&)>& take) const;
  /// A switch that does something.
  void turn(Flag flag, std::function<void()> act) const;

 private:
  using Declare = std::function<CLI::Option*(const std::string& names)>;
  using Check = std::function<std::string(const std::string&)>;

  void enter(Flag flag, const Declare& declare) const;

  static std::string text_of(const std::string& value) { return value.empty() ? unsaid : value; }
  template <class T>
  static std::string text_of(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) return shortest(double(value));
    return unsaid;
  }

  template <class T>
  static Check check_for(const T&) {
    if constexpr (std::is_unsigned_v<T>) return whole(0, std::numeric_limits<T>::max()).check;
    if constexpr (std::is_integral_v<T>)
      return whole_signed(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()).check;
    if constexpr (std::is_floating_point_v<T>) return number().check;
    return {};
  }
  template <class T>
  static Check check_for(const std::optional<T>&) {
    return check_for(T{});
  }

  Tool* tool_;
  CLI::App* app_;
  std::string heading_;
  std::optional<std::vector<std::string>> serves_ = {};
};

}  // namespace diffusion::cli
