#include "lib/train/log.hpp"

#include "lib/base/error.hpp"
#include "lib/base/json.hpp"
#include "lib/base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

StepReport step(std::uint64_t number, double loss) {
  return {
      .step = number, .loss = loss, .learning_rate = 0.001, .gradient_norm = 2, .skipped = false};
}

std::vector<Json> lines_of(const std::string& path) {
  std::vector<Json> lines;
  for (const std::string& line : split(read_file(path), '\n'))
    if (!line.empty()) lines.push_back(Json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("a log has a line for each step and each validation", "[train]") {
  const test::Scratch scratch;
  const std::string path = scratch / "loss.jsonl";
  TrainingLog log(path, 0);
  log.add(step(1, 0.5), 12.34);
  StepReport skipped = step(2, std::nan(""));
  skipped.skipped = true;
  log.add(skipped, 10);
  log.add(2, ValidationLoss{.mean = 0.25, .bands = {0.125, 0.375}});
  const auto lines = lines_of(path);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == Json{{"step", 1},
                         {"loss", 0.5},
                         {"lr", 0.001},
                         {"grad_norm", 2.0},
                         {"images_per_second", 12.3}});
  CHECK(lines[1]["loss"] == "NaN");
  CHECK(lines[1]["skipped"] == true);
  CHECK(lines[2]["step"] == 2);
  CHECK(lines[2]["validation"] == Json{{"loss", 0.25}, {"bands", {0.125, 0.375}}});
}

TEST_CASE("a resumed log forgets what is done again, recalls the rest and appends", "[train]") {
  const test::Scratch scratch;
  const std::string path = scratch / "loss.jsonl";
  {
    TrainingLog before(path, 0);
    for (std::uint64_t i = 1; i <= 4; ++i) before.add(step(i, 1 / double(i)), 1);
    before.add(2, ValidationLoss{.mean = 0.75, .bands = {0.75}});
  }
  write_file(path, read_file(path) + "{\"step\": 5, \"lo");  // as a crash leaves it
  TrainingLog log(path, 3);
  REQUIRE(log.training().size() == 3);
  CHECK(log.training()[1].step == 2);
  CHECK(log.training()[1].loss == 0.5);
  REQUIRE(log.validation().size() == 1);
  CHECK(log.validation()[0].loss == 0.75);
  log.add(step(4, 0.125), 1);
  CHECK(log.training().size() == 4);
  std::vector<std::uint64_t> steps;
  for (const Json& line : lines_of(path)) steps.push_back(line["step"].get<std::uint64_t>());
  CHECK(steps == std::vector<std::uint64_t>{1, 2, 3, 2, 4});
  CHECK(lines_of(path).back()["loss"] == 0.125);
}

TEST_CASE("a log begins anew where nothing is kept, and may be none", "[train]") {
  const test::Scratch scratch;
  const std::string path = scratch.write("loss.jsonl", "{\"step\": 1, \"loss\": 1}\n");
  CHECK(TrainingLog(path, 0).training().empty());
  CHECK(read_file(path).empty());
  TrainingLog none("", 0);
  none.add(step(1, 1), 1);
  CHECK(none.training().size() == 1);
  CHECK_THROWS_WITH(TrainingLog(scratch / "no/loss.jsonl", 0), Contains("no/loss.jsonl: "));
}
