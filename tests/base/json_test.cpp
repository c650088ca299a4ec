#include "lib/base/json.hpp"

#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("JSON on one line keeps its keys' order and is UTF-8 whatever names hold", "[base]") {
  Json json;
  json["z"] = {1, 0.1};
  json["a"] = {{"b", "line\nend"}};
  json["name"] = "o\xff";
  CHECK(one_line(json) ==
        "{\"z\":[1,0.1],\"a\":{\"b\":\"line\\nend\"},\"name\":\"o\xef\xbf\xbd\"}");
  CHECK(to_text(json).find("\"o\xef\xbf\xbd\"") != std::string::npos);
}
