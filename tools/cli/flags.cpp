#include "tools/cli/flags.hpp"

#include <algorithm>
#include <stdexcept>

#include "lib/base/params.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {
namespace {

/// "Scale (default: 1)", with the choices in the place of {}.
std::string help_of(const Flag& flag) {
  std::string text = flag.help;
  if (const auto place = text.find("{}"); place != text.npos)
    text.replace(place, 2, flag.values.in_words());
  if (flag.value.empty() || flag.otherwise == unsaid || flag.otherwise.empty()) return text;
  return text + " (default: " + flag.otherwise + ")";
}

/// The first name of those between commas that is long, or else the first.
std::string title_of(const std::string& names) {
  const auto all = split(names, ',');
  const auto longer = std::ranges::find_if(all, [](const auto& n) { return n.starts_with("--"); });
  return longer == all.end() ? all[0] : *longer;
}

/// Another program's name for a value becomes ours, and the tool says so.
CLI::Validator translation(Tool& tool, const Flag& flag) {
  return {[&tool, values = flag.values, title = title_of(flag.names)](std::string& text) {
            std::vector<std::string> parts =
                values.several ? split_specs(text) : std::vector<std::string>{text};
            for (std::string& part : parts) {
              const std::string ours = values.canonical(part);
              if (ours != part)
                tool.say_later(title + " " + part + ": is called " + ours + " here");
              part = ours;
            }
            text = join(parts, ",");
            return std::string();
          },
          ""};
}

/// Some versions of CLI11 refuse an argument that is called as an option is, others do not.
void need_names_apart(const CLI::App& app, const CLI::Option& made) {
  const auto is_called = [](const CLI::Option& option, const std::string& name) {
    return option.get_name(true) == name || option.check_lname(name);
  };
  for (const CLI::Option* const other : app.get_options())
    if (other != &made &&
        (is_called(*other, made.get_single_name()) || is_called(made, other->get_single_name())))
      throw std::logic_error("two options are called " + made.get_single_name());
}

}  // namespace

bool Row::serves(const std::string& name) const {
  return std::ranges::any_of(*flag.serves,
                             [&](const auto& each) { return each == name || each == "*"; });
}

Flags Flags::under(std::string heading) const {
  Flags same = *this;
  same.heading_ = std::move(heading);
  return same;
}

Flags Flags::serving(std::vector<std::string> commands) const {
  Flags same = *this;
  same.serves_ = std::move(commands);
  return same;
}

void Flags::read(Flag flag, const std::function<void(const std::string&)>& take) const {
  enter(std::move(flag), [&](const std::string& names) {
    return app_->add_option_function<std::string>(names, take);
  });
}

void Flags::turn(Flag flag, std::function<void()> act) const {
  enter(std::move(flag),
        [&](const std::string& names) { return app_->add_flag_callback(names, std::move(act)); });
}

void Flags::enter(Flag flag, const Declare& declare) const {
  CLI::Option* const option = declare(flag.names);
  need_names_apart(*app_, *option);
  flag.help = help_of(flag);
  option->description(flag.help)->group(heading_)->required(flag.required);
  if (!flag.value.empty()) option->type_name(flag.value);
  if (flag.values.check)
    option->check(
        CLI::Validator([check = flag.values.check](std::string& text) { return check(text); }, ""));
  if (flag.values.canonical) option->transform(translation(*tool_, flag));
  for (const std::string& other : flag.excludes) option->excludes(app_->get_option(other));
  if (!flag.serves) flag.serves = serves_.value_or(std::vector<std::string>{""});
  tool_->enter({std::move(flag), app_, option});
}

}  // namespace diffusion::cli
