#include "lib/base/json_at.hpp"

#include <cmath>
#include <functional>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::string refusal(const std::function<void()>& look) {
  try {
    look();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a look into JSON names the file, the keys, what is there and what belongs there",
          "[base]") {
  const Json json = Json::parse(R"({"config": {"train": {"batch": "x", "size": [1, "y"]}}})");
  const JsonAt train = JsonAt(json, "m.safetensors")["config"]["train"];
  CHECK(refusal([&] { train["batch"].whole(1, 100); }) ==
        "m.safetensors: config.train.batch: must be a whole number from 1 to 100, got \"x\"");
  CHECK(refusal([&] { train["size"].numbers(); }) ==
        "m.safetensors: config.train.size[1]: must be a number, got \"y\"");
  CHECK(refusal([&] { train["steps"]; }) == "m.safetensors: config.train: has no key 'steps'");
  CHECK(refusal([&] { train["batch"]["of"]; }) ==
        "m.safetensors: config.train.batch: must be a JSON object, got \"x\"");
  CHECK(refusal([&] {
          JsonAt(json, "m.safetensors").text();
        }).starts_with("m.safetensors: must be a string, got {\"config\":"));
  CHECK(refusal([&] { train["size"].flag(); }) ==
        "m.safetensors: config.train.size: must be true or false, got [1,\"y\"]");
  CHECK(refusal([&] { train["size"].texts(); }) ==
        "m.safetensors: config.train.size[0]: must be a string, got 1");
}

TEST_CASE("whole numbers of JSON are whole, in range and of 64 bits", "[base]") {
  const auto whole = [](const char* text, std::int64_t least, std::int64_t most) {
    const Json json = Json::parse(text);
    return JsonAt(json, "f").whole(least, most);
  };
  CHECK(whole("-3", -3, 3) == -3);
  CHECK(whole("9223372036854775807", 0, JsonAt::most_whole) == JsonAt::most_whole);
  for (const char* const none : {"4", "-4", "1.5", "1.0", "9223372036854775808",
                                 "18446744073709551615", "1e3", "null", "true", "[1]", "\"1\""})
    CHECK_FALSE(refusal([&] { whole(none, -3, 3); }).empty());
  const Json large(std::numeric_limits<std::uint64_t>::max());
  CHECK(JsonAt(large, "f").whole_64() == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("numbers of JSON may be those that it has no word for", "[base]") {
  const Json json = Json::array({1, "NaN", "-Infinity"});
  const auto numbers = JsonAt(json, "f").numbers();
  CHECK(numbers[0] == 1);
  CHECK(std::isnan(numbers[1]));
  CHECK(numbers[2] == -HUGE_VAL);
  CHECK_FALSE(refusal([] { JsonAt(Json::array(), "f").numbers(); }).empty());
}

TEST_CASE("what is null or missing is nothing to find", "[base]") {
  const Json json = {{"a", nullptr}, {"b", 2}};
  const JsonAt at(json, "f");
  CHECK_FALSE(at.find("a"));
  CHECK_FALSE(at.find("c"));
  CHECK(at.find("b")->whole() == 2);
}

TEST_CASE("messages show the beginning of a long value", "[base]") {
  const std::string text = shown(Json(std::string(1000, 'a') + "\xc3\xa4"));
  CHECK(text.size() < 100);
  CHECK(text.ends_with("..."));
  CHECK(shown(Json("o\xff")) == "\"o\xef\xbf\xbd\"");
}
