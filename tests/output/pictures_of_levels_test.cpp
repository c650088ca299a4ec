// Films, strips and captions: what stands where, and what it is called.
#include "lib/base/text.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/noise/level_text.hpp"
#include "lib/output/caption.hpp"
#include "lib/output/films.hpp"
#include "lib/output/noised.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gif.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

Image flat(float value) { return {Tensor(Shape{2, 2, 1}, value)}; }

Tensor batch(const std::vector<float>& values) {
  Tensor x(Shape{values.size(), 2, 2, 1});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = values[i / 4];
  return x;
}

std::string label(const Schedule& schedule, int t) {
  return "t=" + std::to_string(t) + "\nSNR " + significant(schedule.at(t).snr(), 3);
}

/// A run of two samples over three levels: the states are black, then one of them white,
/// then both; the estimates are the other way round.
struct Run {
  Schedule schedule = make_schedule("linear:T=4");
  std::vector<NoiseLevel> grid{schedule.at(4), schedule.at(2), schedule.at(0)};
  GenerateRequest request{.shape = {2, 2, 1}, .first = 7, .count = 2};
  std::vector<Turn> turns = {};

  void play(Films& films) const {
    const GenerateWatch watch = films.watch();
    const std::vector<float> states[] = {{-1, -1}, {-1, 1}, {1, 1}};
    for (std::uint32_t i = 0; i < 3; ++i) {
      const Tensor x = batch(states[i]);
      watch.at_level(0, i, x);
      if (i < 2) watch.evaluated(0, x, grid[i], {batch({-states[i][0], -states[i][1]}), {}, {}});
    }
    films.write();
  }
  SheetLayout layout() const {
    return {.columns = 3,
            .scale = SheetLayout::readable,
            .column_labels = {label(schedule, 4), label(schedule, 2), "t=0\nclean"}};
  }
};

std::vector<Image> pictures(const std::vector<float>& values) {
  std::vector<Image> all;
  for (const float value : values) all.push_back(flat(value));
  return all;
}

ShownImage shown(const Schedule& schedule, float clean, const std::vector<int>& steps) {
  ShownImage image{flat(clean), {}, {}};
  for (const int t : steps) {
    image.levels.push_back(step_asked(schedule, t));
    image.versions.push_back(std::make_shared<const Image>(flat(-clean)));
  }
  return image;
}

}  // namespace

TEST_CASE("captions of levels, however they were asked for", "[output]") {
  const Schedule schedule = make_schedule("cosine");
  CHECK(caption(step_asked(schedule, 0)) == "t=0\nclean");
  CHECK(caption(step_asked(schedule, 500)) == label(schedule, 500));
  CHECK(caption(parse_level("", "ve-sigma=2", schedule)) == "sigma 2\nSNR 0.25");
  CHECK(caption(parse_level("", "lambda=0", schedule)) == "lambda 0\nSNR 1");
  CHECK(caption(parse_level("", "snr=0.5", schedule)) == "SNR 0.5");
}

TEST_CASE("captions of one width and two lines", "[output]") {
  const std::vector<std::string> captions{"t=1\nSNR 2.31", "x_0"};
  CHECK(longest_line(captions) == 8);
  CHECK(padded("t=1\nSNR 2.31", 8) == "  t=1   \nSNR 2.31");
  CHECK(padded("x_0", 4) == "x_0 \n");
  CHECK(padded("x_0", 2) == "x_0\n");
}

TEST_CASE("a film: a row a sample, a column a level", "[output]") {
  const test::Scratch scratch;
  const Run run;
  Films films({.film = scratch / "x.png"}, {run.schedule, run.grid, run.request, run.turns});
  run.play(films);
  SheetLayout layout = run.layout();
  layout.row_labels = {"7", "8"};
  CHECK((read_image(scratch / "x.png").pixels ==
         contact_sheet(pictures({-1, -1, 1, -1, 1, 1}), layout).pixels));
}

TEST_CASE("a film of both, with classes, and of some of the samples and levels", "[output]") {
  const test::Scratch scratch;
  Run run;
  run.turns = {{0, "cats"}, {1, "dogs"}};
  Films films({.film = scratch / "x.png", .of = "both"},
              {run.schedule, run.grid, run.request, run.turns});
  run.play(films);
  SheetLayout layout = run.layout();
  layout.row_labels = {"cats\nx", "cats\nx_0", "dogs\nx", "dogs\nx_0"};
  CHECK((read_image(scratch / "x.png").pixels ==
         contact_sheet(pictures({-1, -1, 1, 1, 1, 1, -1, 1, 1, 1, -1, 1}), layout).pixels));

  Films few({.film = scratch / "few.png", .of = "x0", .rows = 1, .frames = 2},
            {run.schedule, run.grid, run.request, run.turns});
  run.play(few);
  SheetLayout ends = run.layout();
  ends.columns = 2;
  ends.column_labels.erase(ends.column_labels.begin() + 1);
  ends.row_labels = {"cats"};
  CHECK((read_image(scratch / "few.png").pixels == contact_sheet(pictures({1, 1}), ends).pixels));
}

TEST_CASE("an animation has a frame a level, and its last stays", "[output]") {
  const test::Scratch scratch;
  const Run run;
  Films films({.gif = scratch / "x.gif", .frames_a_second = 5},
              {run.schedule, run.grid, run.request, run.turns});
  run.play(films);
  CHECK(test::gif_delays(read_file(scratch / "x.gif")) == std::vector<int>{20, 20, 200});
}

TEST_CASE("states of all paths are shown at one strength", "[output]") {
  const Schedule schedule = make_schedule("ve:T=4");
  const std::vector<NoiseLevel> grid{schedule.at(4), schedule.at(0)};
  Recording recording({.grid = grid, .shape = {2, 2, 1}, .samples = 1, .frames = 2});
  const auto spread = float(std::hypot(grid[0].alpha, grid[0].sigma));
  const GenerateWatch watch = recording.watch();
  watch.at_level(0, 0, batch({-spread}));
  CHECK((recording.state(0, 0).pixels == flat(-1).pixels));
}

TEST_CASE("a strip: clean first, columns called by their level", "[output]") {
  const test::Scratch scratch;
  const Schedule schedule = make_schedule("linear:T=4");
  write_noised_strip(scratch / "s.png", {shown(schedule, 1, {2, 4}), shown(schedule, -1, {2, 4})});
  const SheetLayout layout{.columns = 3,
                           .scale = SheetLayout::readable,
                           .column_labels = {"x_0", label(schedule, 2), label(schedule, 4)}};
  CHECK((read_image(scratch / "s.png").pixels ==
         contact_sheet(pictures({1, -1, -1, -1, 1, 1}), layout).pixels));
}

TEST_CASE("a strip whose images have levels of their own names its rows", "[output]") {
  const test::Scratch scratch;
  const Schedule schedule = make_schedule("linear:T=4");
  write_noised_strip(scratch / "s.png", {shown(schedule, 1, {2}), shown(schedule, -1, {4})});
  const SheetLayout layout{.columns = 2,
                           .scale = SheetLayout::readable,
                           .column_labels = {"x_0", "x_t"},
                           .row_labels = {label(schedule, 2), label(schedule, 4)}};
  CHECK((read_image(scratch / "s.png").pixels ==
         contact_sheet(pictures({1, -1, -1, 1}), layout).pixels));
}

TEST_CASE("a strip that asks for clean images shows them once", "[output]") {
  const test::Scratch scratch;
  const Schedule schedule = make_schedule("linear:T=4");
  write_noised_strip(scratch / "s.png", {shown(schedule, 1, {0, 4})});
  const SheetLayout layout{.columns = 2,
                           .scale = SheetLayout::readable,
                           .column_labels = {"t=0\nclean", label(schedule, 4)}};
  CHECK((read_image(scratch / "s.png").pixels == contact_sheet(pictures({-1, -1}), layout).pixels));
}

TEST_CASE("an animation of noise begins with the clean images", "[output]") {
  const test::Scratch scratch;
  const Schedule schedule = make_schedule("linear:T=4");
  const std::vector<ShownImage> images{shown(schedule, 1, {2, 4}), shown(schedule, -1, {2, 4})};
  write_noised_gif(scratch / "a.gif", images, {.images = 2, .frames_a_second = 10});
  CHECK(test::gif_delays(read_file(scratch / "a.gif")) == std::vector<int>{10, 10, 10});
  const Image first = read_image(scratch / "a.gif");
  write_noised_gif(scratch / "one.gif", images, {.images = 1, .frames_a_second = 10});
  CHECK(read_image(scratch / "one.gif").pixels.shape(1) < first.pixels.shape(1));
}
