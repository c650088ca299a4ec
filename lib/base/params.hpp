// Named parameters of one pluggable component: "heun:churn=40,s_noise=1.003".
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace diffusion {

using ParamValue = std::variant<double, std::int64_t, std::string>;
/// Parameters with their values, in the order in which they were asked for.
using ResolvedParams = std::vector<std::pair<std::string, ParamValue>>;

/// A parameter that a factory asks for.
struct Parameter {
  std::string key;
  std::optional<ParamValue> usual = {};   // none: nothing, or what depends on others
  std::vector<std::string> choices = {};  // none: any value
  bool file = false;                      // its value is a path

  bool operator==(const Parameter&) const = default;
};

/// A parsed spec: NAME or NAME:key=value,key=value. A value may be double-quoted,
/// with backslash escapes. A factory takes the parameters it knows; whatever is
/// left over is a typo, and finish() says so. Defaults therefore live in one
/// place, next to the code that uses them. All members that fail throw Error.
class Params {
 public:
  using Value = ParamValue;

  explicit Params(std::string_view spec);
  Params(std::string name, std::map<std::string, std::string> given);

  const std::string& name() const { return name_; }

  double number(const std::string& key, double fallback);
  /// The number, where there is one. `otherwise` says in words what holds without it.
  std::optional<double> number_if_given(const std::string& key, const std::string& otherwise);
  std::int64_t integer(const std::string& key, std::int64_t fallback);
  std::string text(const std::string& key, const std::string& fallback);
  /// The path of a file.
  std::string file(const std::string& key, const std::string& fallback);
  /// One of `choices`, the first being the default.
  std::string choice(const std::string& key, std::vector<std::string> choices);

  bool has(const std::string& key);
  /// What was written for `key`, as long as nobody took it; "" if nothing was.
  std::string given(const std::string& key) const {
    return given_.contains(key) ? given_.at(key) : "";
  }

  /// What was taken so far, defaults included, in the order it was asked for.
  const ResolvedParams& resolved() const { return resolved_; }

  /// What was asked for so far, taken or not, in that order.
  const std::vector<Parameter>& known() const { return known_; }

  /// Refuses parameters that nobody took, listing those that were asked for.
  void finish() const;

  /// "cosine: s must be positive, got -1"
  [[noreturn]] void refuse(const std::string& key, const std::string& why) const;

 private:
  void ask(Parameter parameter);
  std::optional<std::string> take(Parameter parameter);
  double number_in(const std::string& key, const std::string& text) const;
  template <class T>
  T keep(const std::string& key, T value);

  std::string name_;
  std::map<std::string, std::string> given_;
  ResolvedParams resolved_;
  std::vector<Parameter> known_;
};

/// What `make` asks of parameters that are none but these, even if it fails for want of others.
std::vector<Parameter> asked_of(Params params, const std::function<void(Params&)>& make);

/// Several specs between commas: "frechet,kid:subsets=50,size=500,cmmd". A piece that has
/// '=' and no name of its own before it goes on with the spec before.
std::vector<std::string> split_specs(std::string_view specs);

}  // namespace diffusion
