#include "lib/base/text.hpp"

#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("what is printed is one line of UTF-8, whatever it was", "[base]") {
  CHECK(printable("plain") == "plain");
  CHECK(printable("\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
  CHECK(printable("a\nb\tc\x7f") == "a b c ");
  CHECK(printable("\xff|\xc3|\x80|\xe2\x82") == "?|?|?|??");
  CHECK(printable("\xc0\xaf") == "??");            // longer than needed
  CHECK(printable("\xed\xa0\x80") == "???");       // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "????");  // beyond the last
}

TEST_CASE("a number is all of a text, or none", "[base]") {
  CHECK(parse_number("1.5") == 1.5);
  CHECK(parse_number("+1e-3") == 1e-3);
  CHECK(parse_number("-.5") == -0.5);
  CHECK(parse_number("0x10") == std::nullopt);
  CHECK(parse_number("inf") == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(parse_number("nan").value()));
  for (const char* text : {"", " 1", "1 ", "1,5", "1.5x", "--1", "+-1", "++1", "+", "1e999"}) {
    CAPTURE(text);
    CHECK(parse_number(text) == std::nullopt);
  }
}

TEST_CASE("a whole number has nothing after it, and fits", "[base]") {
  CHECK(parse_integer("-7") == -7);
  CHECK(parse_integer("+7") == 7);
  CHECK(parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "7.0", "1e3", "9223372036854775808", " 7", "7 ", "+-7", "seven"}) {
    CAPTURE(text);
    CHECK(parse_integer(text) == std::nullopt);
  }
}

TEST_CASE("the shortest text of a number reads back as that number", "[base]") {
  CHECK(shortest(0.1) == "0.1");
  CHECK(shortest(-3) == "-3");
  CHECK(shortest(1e300) == "1e+300");
  for (const double value : {1.0 / 3, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0}) {
    CAPTURE(value);
    CHECK(parse_number(shortest(value)) == value);
  }
  CHECK(std::signbit(*parse_number(shortest(-0.0))));
}

TEST_CASE("numbers are rounded to digits that tell something", "[base]") {
  CHECK(significant(0.010040, 4) == "0.01004");
  CHECK(significant(4.03584e-5, 5) == "4.0358e-05");
  CHECK(significant(2, 6) == "2");
  CHECK(significant(1234567, 3) == "1.23e+06");
  CHECK(significant(0, 3) == "0");
}

TEST_CASE("what is split can be joined again", "[base]") {
  using Words = std::vector<std::string>;
  CHECK(split("a,b,,c", ',') == Words{"a", "b", "", "c"});
  CHECK(split("", ',') == Words{""});
  CHECK(split(",", ',') == Words{"", ""});
  for (const char* text : {"", "a", ",a", "a,", ",,a,,b,"})
    CHECK(join(split(text, ','), ",") == text);
  CHECK(join(Words{"a", "b", "c"}, " and ") == "a and b and c");
  CHECK(join(Words{}, ",").empty());
}

TEST_CASE("a near word is proposed, a far one is not", "[base]") {
  const std::vector<std::string> words{"cosine", "linear", "constant"};
  CHECK(nearest("cosin", words) == "cosine");
  CHECK(nearest("lineal", words) == "linear");
  CHECK(nearest("kosinus", words) == std::nullopt);  // three edits
  CHECK(nearest("ocsine", words) == "cosine");  // two letters that changed places are two edits
  CHECK(nearest("", words) == std::nullopt);
  CHECK(nearest("cosine", {}) == std::nullopt);
}

TEST_CASE("sizes of memory are said in a unit that fits", "[base]") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(999) == "999 B");
  CHECK(human_bytes(1000) == "1 kB");
  CHECK(human_bytes(1234567) == "1.2 MB");
  CHECK(human_bytes(123456789) == "123 MB");
  CHECK(human_bytes(5e15) == "5e+03 TB");
}

TEST_CASE("extents are whole numbers with an x between them", "[base]") {
  using Extents = std::optional<std::vector<std::size_t>>;
  CHECK(parse_extents("32") == Extents(std::vector<std::size_t>{32}));
  CHECK(parse_extents("28x20") == Extents({28, 20}));
  CHECK(parse_extents("4x5x3") == Extents({4, 5, 3}));
  for (const char* odd : {"", "x", "3x", "x3", "0x3", "3x-1", "3,4", "3x4.5", "3 x 4"}) {
    CAPTURE(odd);
    CHECK(parse_extents(odd) == std::nullopt);
  }
}

TEST_CASE("one of a thing is not many", "[base]") {
  CHECK(count_of(0, "image") == "0 images");
  CHECK(count_of(1, "image") == "1 image");
  CHECK(count_of(12, "step") == "12 steps");
}
