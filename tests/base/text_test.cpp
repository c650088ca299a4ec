#include "lib/base/text.hpp"

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
