// Python's pickles as data. A pickle is a program for a stack machine that may call
// any function; here nothing is called: a call stays a record of itself, and any name that the
// reader of the format does not know is an error.
// The format: Python's pickletools, protocols 2 to 5.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace diffusion {

struct PickleValue {
  enum class Kind {
    none,
    boolean,
    integer,  // those of more than 64 bits read as 0
    real,
    text,        // strings and bytes
    tuple,       // `items`; lists too
    dictionary,  // `items`: key, value, key, value ...
    global,      // `text`: "module.name"
    call,        // `items`: the callable and its tuple of arguments
    persistent,  // `items`: what the outer format identifies an object by
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<PickleValue*> items;
  /// Of calls: what was put into the object afterwards, as a dictionary is filled or
  /// attributes are set.
  std::vector<PickleValue*> entries;
  PickleValue* state = nullptr;

  bool is(Kind k) const { return kind == k; }
  /// Of calls: "module.name" of what was called; "" of others.
  std::string_view callee() const;
};

/// All values of a pickle. They may contain one another in circles.
class Pickle {
 public:
  /// Reads one pickle from the front of `bytes` and takes it away from there. `knows`
  /// says which globals may occur. Throws Error, opened by `culprit`.
  Pickle(std::string_view& bytes, const std::string& culprit,
         const std::function<bool(std::string_view global)>& knows);

  const PickleValue& root() const { return *root_; }
  const std::deque<PickleValue>& values() const { return values_; }

 private:
  friend class PickleMachine;
  std::deque<PickleValue> values_;
  PickleValue* root_ = nullptr;
};

}  // namespace diffusion
