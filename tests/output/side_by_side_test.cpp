// Samplers side by side, and pictures beside their nearest ones.
#include "lib/base/error.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/output/comparison_sheet.hpp"
#include "lib/output/pair_sheet.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Image flat(float value, std::size_t width = 2) { return {Tensor(Shape{2, width, 1}, value)}; }

ComparedRun run(const std::string& sampler, std::size_t steps, float value, bool draws) {
  return {sampler, steps, Tensor(Shape{3, 2, 2, 1}, value), 0, 0, draws};
}

/// Images of these names, each of the value in its place; counts what is decoded.
ImageSet set_of(const std::vector<std::string>& names, int& decoded) {
  ImageSet set;
  set.next = [names, n = std::size_t(0), &decoded]() mutable -> std::optional<ImageEntry> {
    if (n == names.size()) return std::nullopt;
    const auto value = float(n);
    return ImageEntry{names[n++], 0, {}, [value, &decoded] {
                        ++decoded;
                        return flat(value / 4);
                      }};
  };
  return set;
}

}  // namespace

TEST_CASE("samplers side by side, the solution last where they go there", "[output]") {
  const std::vector<ComparedRun> runs{run("ddim", 5, -1, false), run("ddim", 10, -0.5f, false),
                                      run("sde", 5, 0, true), run("sde", 10, 0.5f, true)};
  const Image sheet = comparison_sheet(run("ode", 99, -0.25f, false), runs, 2);
  // Two samples in each place, without a gap: as one picture twice as wide.
  std::vector<Image> tiles;
  for (const float value : {-1.f, -0.5f, -0.25f, 0.f, 0.5f, 1.f}) tiles.push_back(flat(value, 4));
  const SheetLayout layout{.columns = 3,
                           .scale = SheetLayout::readable,
                           .column_labels = {"5 steps", "10 steps", "solution"},
                           .row_labels = {"ddim", "sde"}};
  CHECK((sheet.pixels == contact_sheet(tiles, layout).pixels));
}

TEST_CASE("pairs, of which only what is shown is decoded", "[output]") {
  int decoded = 0;
  const std::vector<NamedPair> pairs{{"0.1", "b", "z"}, {"0.2", "a", "z"}};
  const Image sheet =
      pair_sheet(set_of({"a", "b", "c"}, decoded), set_of({"x", "y", "z"}, decoded), pairs);
  const std::vector<Image> shown{flat(0.25f), flat(0.5f), flat(0), flat(0.5f)};
  const SheetLayout layout{.columns = 2,
                           .scale = SheetLayout::readable,
                           .column_labels = {"sample", "nearest"},
                           .row_labels = {"0.1", "0.2"}};
  CHECK((sheet.pixels == contact_sheet(shown, layout).pixels));
  CHECK(decoded == 3);
  const std::vector<NamedPair> gone{{"", "d", "z"}};
  CHECK_THROWS_WITH(pair_sheet(set_of({"a"}, decoded), set_of({"z"}, decoded), gone),
                    StartsWith("d: "));
}
