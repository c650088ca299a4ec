#include "lib/base/registry.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

namespace diffusion {
namespace {

struct Thing {
  std::string_view name;
  std::string (*make)(Params& params);

  static std::span<const Synonym> synonyms() {
    static constexpr Synonym names[] = {{"thing-a", "first_thing"}, {"noisy", "second:eta=1"}};
    return names;
  }
};

std::string describe(Params& params) {
  return params.name() + " " + shortest(params.number("eta", 0)) + " " +
         shortest(params.number("k", 0));
}

constexpr Thing rows[] = {{"first_thing", describe}, {"second", describe}};
const std::span<const Thing> things(rows);

}  // namespace

TEST_CASE("names of a registry are compared without case, hyphens and underscores", "[base]") {
  CHECK(canonical_spec(things, "first_thing") == "first_thing");
  CHECK(canonical_spec(things, "First-Thing:k=2") == "first_thing:k=2");
  CHECK(canonical_spec(things, "third_thing") == "third_thing");
}

TEST_CASE("a synonym stands for a row with its parameters", "[base]") {
  CHECK(canonical_spec(things, "thing_a:k=2") == "first_thing:k=2");
  CHECK(canonical_spec(things, "noisy") == "second:eta=1");
  CHECK(canonical_spec(things, "noisy:k=2") == "second:eta=1,k=2");
  CHECK(canonical_spec(things, "noisy:") == "second:eta=1:");
}

TEST_CASE("parameters that are given beat those of a synonym", "[base]") {
  CHECK(canonical_spec(things, "noisy:eta=0") == "second:eta=0");
  CHECK(canonical_spec(things, "noisy:k=2,eta=0.5") == "second:k=2,eta=0.5");
  CHECK(canonical_spec(things, "noisy:beta=2") == "second:eta=1,beta=2");
  CHECK(make_from(things, "noisy:eta=0.5", "thing") == "second 0.5 0");
}

TEST_CASE("a row tells its parameters and their defaults", "[base]") {
  std::vector<Parameter> known = parameters_of(rows[1]);
  std::ranges::sort(known, {}, &Parameter::key);
  CHECK(known == std::vector<Parameter>{{"eta", 0.0}, {"k", 0.0}});
}

TEST_CASE("a component is made by any of its names", "[base]") {
  CHECK(make_from(things, "NOISY:k=2", "thing") == "second 1 2");
  CHECK_THROWS_WITH(make_from(things, "third", "thing"),
                    "unknown thing 'third' (have: first_thing, second)");
  CHECK_THROWS_WITH(make_from(things, "thing_a:q=2", "thing"), Contains("no parameter 'q'"));
}

}  // namespace diffusion
