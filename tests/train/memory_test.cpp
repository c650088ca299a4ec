#include "lib/train/memory.hpp"

#include "lib/base/error.hpp"
#include "lib/train/class_match.hpp"
#include "lib/train/config.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("memory is read in units of 1000", "[train]") {
  CHECK(parse_memory("500M") == 500'000'000u);
  CHECK(parse_memory("1.5G") == 1'500'000'000u);
  CHECK(parse_memory("2T") == 2'000'000'000'000u);
  CHECK(parse_memory("3k") == 3000u);
  CHECK(parse_memory("3K") == 3000u);
  CHECK(parse_memory("12") == 12u);
  for (const char* bad : {"", "G", "-1G", "0", "1GB", "2 G", "nan", "inf", "1e30T"})
    CHECK(!parse_memory(bad));
  CHECK(half_of_memory() > 100'000'000u);
}

TEST_CASE("the configuration knows memory, and validation on a share or on other images",
          "[train]") {
  Json config = default_config();
  CHECK(!parse_config(config).data.memory);
  set_config(config, "data.memory=2G");
  CHECK(parse_config(config).data.memory == 2'000'000'000u);
  set_config(config, "data.memory=5000");
  CHECK(parse_config(config).data.memory == 5000u);
  CHECK_THROWS_WITH(
      set_config(config, "data.memory=much"),
      "`set` data.memory: must be bytes, such as \"500M\" or \"2G\", or null, got \"much\"");
  set_config(config, "data.validation=0.25");
  CHECK(parse_config(config).data.validation == 0.25);
  CHECK(!parse_config(config).data.validation_data);
  const Json share = config;
  set_config(config, "data.validation=photos/held-out");
  CHECK(parse_config(config).data.validation == 0);
  CHECK(parse_config(config).data.validation_data == "photos/held-out");
  CHECK(fixed_difference(share, config) == "data.validation (0.25, not \"photos/held-out\")");
  CHECK(!fixed_difference(default_config(), config));  // trains on the same images
}

TEST_CASE("classes are matched by name, else by number", "[train]") {
  const Classes cats_and_dogs{2, {"cat", "dog"}}, numbered{3};
  CHECK(match_classes({2, {"dog", "cat"}}, cats_and_dogs, "v") == std::vector<int>{1, 0});
  CHECK(match_classes({1, {"dog"}}, cats_and_dogs, "v") == std::vector<int>{1});
  CHECK(match_classes({2, {}}, cats_and_dogs, "v") == std::vector<int>{0, 1});
  CHECK(match_classes({2, {"dog", "cat"}}, numbered, "v") == std::vector<int>{0, 1});
  CHECK_THROWS_WITH(match_classes({1, {"cow"}}, cats_and_dogs, "v"),
                    "v: has a class 'cow' that the model does not know (has: cat, dog)");
  CHECK_THROWS_WITH(match_classes({4, {}}, numbered, "v"),
                    "v: has a label 3 where the model knows 0 to 2");
}
