#include "lib/xla/compile_options.hpp"

#include <array>

#include "tests/support/catch.hpp"

using namespace diffusion::xla;

namespace {

std::string hex(const std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[std::uint8_t(c) >> 4];
    text += digits[std::uint8_t(c) & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("compile options are the bytes that protocol buffers make of them", "[xla]") {
  // Field 3: 1 = -1, 4 = replicas, 5 = 1, 9 = {1 = replicas, 2 = 1, 3 = {1 = the devices}}.
  CHECK(hex(compile_options_proto({}, std::array{0}, "cpu")) ==
        "1a1a"
        "08ffffffffffffffffff01"
        "2001"
        "2801"
        "4a09"
        "0801"
        "1001"
        "1a03"
        "0a0100");
  CHECK(hex(compile_options_proto({.replicas = 2}, std::array{300, 1}, "cpu")) ==
        "1a1c"
        "08ffffffffffffffffff01"
        "2002"
        "2801"
        "4a0b"
        "0802"
        "1001"
        "1a05"
        "0a03ac0201");
}

TEST_CASE("GPUs are asked for determinism", "[xla]") {
  const std::string plain = compile_options_proto({}, std::array{0}, "cpu");
  CHECK(compile_options_proto({.deterministic = false}, std::array{0}, "cuda") == plain);
  const std::string asked = compile_options_proto({}, std::array{0}, "cuda");
  REQUIRE(asked.starts_with(plain));
  // Entries of field 7: 1 = the name, 2 = {2 = true}.
  CHECK(asked.substr(plain.size()) ==
        std::string("\x3a\x2a\x0a\x24xla_gpu_exclude_nondeterministic_ops\x12\x02\x10\x01"));
}
