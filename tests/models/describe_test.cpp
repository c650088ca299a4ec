#include "lib/models/describe.hpp"

#include "lib/schedule/schedule_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// Three weights, an average of them and the optimiser's moments.
Described described(const test::Scratch& scratch) {
  nn::Parameters names;
  names.add("a.weight", {2, 1});
  names.add("b", {1});
  const std::vector<float> values{1, 2, 3};
  const WeightSet sets[] = {{"", values}, {ema_prefix(0.5), values}, {adam_mean_prefix, values}};
  write_model_file(scratch / "m",
                   {.model = {{"_class_name", "Linear"}, {"channels", {16, 32}}},
                    .schedule = schedule_to_json(make_schedule("cosine:T=5")),
                    .objective = {{"prediction", "eps"}},
                    .data = {{"images", 12}},
                    .training = {{"steps", 3}, {"config", {{"train", {{"lr", 0.5}}}}}}},
                   names, sets);
  return described(ModelFile(scratch / "m"));
}

}  // namespace

TEST_CASE("a model file is described in lines, without its arrays", "[models]") {
  const test::Scratch scratch;
  const std::string text = model_to_text(described(scratch));
  CHECK_THAT(text, StartsWith("weights.count\t3\nweights.choices\tema:0.5,raw\n"
                              "model._class_name\tLinear\nmodel.channels\t16,32\n"
                              "schedule.family\tcosine\n"));
  CHECK_THAT(text, Contains("\nschedule.T\t5\n"));
  CHECK_THAT(text, Contains("\nobjective.prediction\teps\ndata.images\t12\ntraining.steps\t3\n"));
  CHECK_THAT(text, EndsWith("\ntrain.lr\t0.5\n"));
  CHECK_THAT(text, !Contains("alphas"));
  CHECK_THAT(text, !Contains("config"));
}

TEST_CASE("a model file is described whole, as one document", "[models]") {
  const test::Scratch scratch;
  const Json all = model_to_json(described(scratch));
  CHECK(all["weights"]["count"] == 3);
  CHECK(all["schedule"]["alphas_cumprod"].size() == 5);
  CHECK(all["training"]["config"]["train"]["lr"] == 0.5);
  REQUIRE(all["arrays"].size() == 6);
  std::size_t moments = 0;
  for (const Json& array : all["arrays"])
    if (array["name"] == "adam.mean/a.weight") {
      ++moments;
      CHECK(array["shape"] == Json{2, 1});
    }
  CHECK(moments == 1);
}
