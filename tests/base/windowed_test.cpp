#include "lib/base/windowed.hpp"

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::function<std::optional<int>()> up_to(int last) {
  return [i = 0, last]() mutable { return i < last ? std::optional(++i) : std::nullopt; };
}

}  // namespace

TEST_CASE("results come in the order of the items, failures among them", "[base]") {
  std::vector<std::string> delivered;
  in_windows(
      up_to(7), 3,
      [](int item) {
        if (item == 5) throw Error("five is bad");
        return item * item;
      },
      [&](int item, Outcome<int> outcome) {
        delivered.push_back(std::to_string(item) + " " +
                            (outcome.result ? std::to_string(*outcome.result) : outcome.failure));
      });
  CHECK(delivered ==
        std::vector<std::string>{"1 1", "2 4", "3 9", "4 16", "5 five is bad", "6 36", "7 49"});
}

TEST_CASE("what cannot be written ends everything, window by window", "[base]") {
  int delivered = 0;
  const auto work = [](int item) {
    if (item == 5) throw OutputError("full");
    return item;
  };
  CHECK_THROWS_AS(in_windows(up_to(7), 2, work, [&](int, Outcome<int>) { ++delivered; }),
                  OutputError);
  CHECK(delivered == 4);
}
