#include "lib/tensor/formats/pickle.hpp"

#include <bit>
#include <cstring>
#include <map>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

using Kind = PickleValue::Kind;
using Values = std::vector<PickleValue*>;

/// pickletools' names; a letter where the opcode is one.
enum Opcode : std::uint8_t {
  mark = '(',
  stop = '.',
  pop = '0',
  pop_mark = '1',
  binfloat = 'G',
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  none = 'N',
  binpersid = 'Q',
  reduce = 'R',
  binstring = 'T',
  short_binstring = 'U',
  binunicode = 'X',
  append = 'a',
  build = 'b',
  global = 'c',
  dict = 'd',
  empty_dict = '}',
  appends = 'e',
  binget = 'h',
  long_binget = 'j',
  list = 'l',
  empty_list = ']',
  binput = 'q',
  long_binput = 'r',
  setitem = 's',
  tuple = 't',
  empty_tuple = ')',
  setitems = 'u',
  binbytes = 'B',
  short_binbytes = 'C',
  proto = 0x80,
  newobj = 0x81,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  newtrue = 0x88,
  newfalse = 0x89,
  long1 = 0x8a,
  short_binunicode = 0x8c,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
};

}  // namespace

std::string_view PickleValue::callee() const {
  return is(Kind::call) && items[0]->is(Kind::global) ? std::string_view(items[0]->text)
                                                      : std::string_view();
}

/// The stack machine, with its calls left out.
class PickleMachine {
 public:
  PickleMachine(Pickle& pickle, std::string_view& bytes, const std::string& culprit,
                const std::function<bool(std::string_view)>& knows)
      : values_(pickle.values_), bytes_(bytes), culprit_(culprit), knows_(knows) {}

  PickleValue* run() {
    for (;;) {
      const auto opcode = Opcode(number<std::uint8_t>());
      if (opcode == stop) return take();
      if (!step_value(opcode) && !step_container(opcode) && !step_object(opcode))
        refuse("the opcode " + std::to_string(opcode) + ", which no file of tensors needs");
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(culprit_ + ": its pickle has " + what);
  }

  std::string_view raw(std::uint64_t count) {
    if (count > bytes_.size()) refuse("no end: truncated");
    const std::string_view front = bytes_.substr(0, std::size_t(count));
    bytes_.remove_prefix(std::size_t(count));
    return front;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, raw(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view line() {
    const std::size_t end = bytes_.find('\n');
    if (end == bytes_.npos) refuse("no end: truncated");
    const std::string_view front = raw(end + 1);
    return front.substr(0, end);
  }

  PickleValue& push(Kind kind) {
    stack_.push_back(&values_.emplace_back());
    stack_.back()->kind = kind;
    return *stack_.back();
  }
  bool push_text(std::string_view text) {
    push(Kind::text).text = text;
    return true;
  }
  bool push_integer(std::int64_t value) {
    push(Kind::integer).integer = value;
    return true;
  }
  PickleValue* take() {
    PickleValue* const last = top();
    stack_.pop_back();
    return last;
  }
  PickleValue* top() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("an operation on nothing");
    return stack_.back();
  }
  /// What was pushed since the last mark.
  Values take_marked() {
    if (marks_.empty()) refuse("an operation that lacks its mark");
    const auto first = stack_.begin() + std::ptrdiff_t(marks_.back());
    Values items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }
  Values take_last(std::size_t count) {
    Values items(count);
    while (count > 0) items[--count] = take();
    return items;
  }
  bool push_tuple(Values items) {
    push(Kind::tuple).items = std::move(items);
    return true;
  }

  /// Little-endian two's complement of any length.
  std::int64_t long_integer() {
    const std::string_view digits = raw(number<std::uint8_t>());
    if (digits.size() > 8) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < digits.size(); ++i)
      value |= std::uint64_t(std::uint8_t(digits[i])) << 8 * i;
    const bool negative = !digits.empty() && (digits.back() & 0x80);
    if (negative && digits.size() < 8) value |= ~std::uint64_t(0) << 8 * digits.size();
    return std::int64_t(value);
  }
  double big_endian_real() {
    std::uint64_t bits = 0;
    for (const char byte : raw(8)) bits = bits << 8 | std::uint8_t(byte);
    return std::bit_cast<double>(bits);
  }

  bool step_value(Opcode opcode) {
    switch (opcode) {
      case proto:
        return raw(1), true;
      case frame:
        return raw(8), true;
      case none:
        return push(Kind::none), true;
      case newtrue:
      case newfalse:
        push(Kind::boolean).integer = opcode == newtrue;
        return true;
      case binint:
        return push_integer(number<std::int32_t>());
      case binint1:
        return push_integer(number<std::uint8_t>());
      case binint2:
        return push_integer(number<std::uint16_t>());
      case long1:
        return push_integer(long_integer());
      case binfloat:
        push(Kind::real).real = big_endian_real();
        return true;
      case short_binstring:
      case short_binbytes:
      case short_binunicode:
        return push_text(raw(number<std::uint8_t>()));
      case binstring:
      case binbytes:
      case binunicode:
        return push_text(raw(number<std::uint32_t>()));
      default:
        return false;
    }
  }

  bool step_container(Opcode opcode) {
    switch (opcode) {
      case mark:
        return marks_.push_back(stack_.size()), true;
      case pop:
        return take(), true;
      case pop_mark:
        return take_marked(), true;
      case empty_tuple:
      case empty_list:
        return push_tuple({});
      case tuple1:
      case tuple2:
      case tuple3:
        return push_tuple(take_last(std::size_t{opcode} - tuple1 + 1));
      case tuple:
      case list:
        return push_tuple(take_marked());
      case empty_dict:
        return push(Kind::dictionary), true;
      case dict: {
        const Values items = take_marked();
        push(Kind::dictionary);
        return fill(*top(), items, 2);
      }
      case append: {
        const Values items = take_last(1);
        return fill(*top(), items, 1);
      }
      case appends: {
        const Values items = take_marked();
        return fill(*top(), items, 1);
      }
      case setitem: {
        const Values items = take_last(2);
        return fill(*top(), items, 2);
      }
      case setitems: {
        const Values items = take_marked();
        return fill(*top(), items, 2);
      }
      default:
        return false;
    }
  }

  /// Adds items, in groups of `each`, to a list, a dictionary or what a call would make.
  bool fill(PickleValue& container, const Values& items, std::size_t each) {
    if (items.size() % each != 0) refuse("a key without its value");
    if (container.is(Kind::call))
      container.entries.insert(container.entries.end(), items.begin(), items.end());
    else if (container.is(each == 2 ? Kind::dictionary : Kind::tuple))
      container.items.insert(container.items.end(), items.begin(), items.end());
    else
      refuse("entries for what can't hold them");
    return true;
  }

  bool step_object(Opcode opcode) {
    switch (opcode) {
      case global: {
        const std::string module(line());
        return push_global(module + "." + std::string(line()));
      }
      case stack_global: {
        const Values names = take_last(2);
        return push_global(names[0]->text + "." + names[1]->text);
      }
      case newobj:
      case reduce: {
        Values items = take_last(2);
        push(Kind::call).items = std::move(items);
        return true;
      }
      case build: {
        PickleValue* const state = take();
        return top()->state = state, true;
      }
      case binpersid: {
        Values items = take_last(1);
        push(Kind::persistent).items = std::move(items);
        return true;
      }
      case binput:
        return memo_[number<std::uint8_t>()] = top(), true;
      case long_binput:
        return memo_[number<std::uint32_t>()] = top(), true;
      case memoize: {
        const auto place = std::uint32_t(memo_.size());
        return memo_[place] = top(), true;
      }
      case binget:
        return recall(number<std::uint8_t>());
      case long_binget:
        return recall(number<std::uint32_t>());
      default:
        return false;
    }
  }

  bool push_global(const std::string& name) {
    if (!knows_(name))
      throw Error(culprit_ + ": holds " + printable(name) +
                  ", which only Python could make; a file of tensors alone is wanted");
    push(Kind::global).text = name;
    return true;
  }
  bool recall(std::uint32_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) refuse("a reference to nothing");
    stack_.push_back(found->second);
    return true;
  }

  std::deque<PickleValue>& values_;
  std::string_view& bytes_;
  const std::string& culprit_;
  const std::function<bool(std::string_view)>& knows_;
  Values stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint32_t, PickleValue*> memo_;
};

Pickle::Pickle(std::string_view& bytes, const std::string& culprit,
               const std::function<bool(std::string_view)>& knows) {
  root_ = PickleMachine(*this, bytes, culprit, knows).run();
}

}  // namespace diffusion
