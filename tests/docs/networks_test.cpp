// The manual has an entry for every network.
#include <algorithm>
#include <string>

#include "lib/base/file.hpp"
#include "lib/models/network.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("diff-train(1) has an entry for every network", "[docs]") {
  const std::string page = read_file(std::string(TEST_DATA_DIR) + "/../../man/diff-train.1");
  for (const NetworkInfo& row : networks()) {
    CAPTURE(row.name);
    CHECK(page.find("\n.It Cm " + std::string(row.name) + "\n") != page.npos);
  }
}
