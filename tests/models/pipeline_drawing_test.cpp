// How a scheduler's configuration has its pipeline draw.
#include "lib/models/pipeline_drawing.hpp"

#include "lib/base/error.hpp"
#include "lib/noise/clip.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

PipelineDrawing drawing(const std::string& name, const std::string& members = "") {
  const Json config =
      parse_json("{\"_class_name\": \"" + name + "Scheduler\"" + members + "}", "test");
  return pipeline_drawing(schedule_from_diffusers(config, "c.json"), "c.json");
}

std::string clip(const std::string& name, const std::string& members = "") {
  const std::string spec = drawing(name, members).clip;
  make_clip(spec);
  return spec;
}

}  // namespace

TEST_CASE("estimates are clipped as the class and its settings say", "[models]") {
  CHECK(clip("DDPM") == "static");
  CHECK(clip("DDIM", R"(, "clip_sample": false)") == "none");
  CHECK(clip("DDIM", R"(, "clip_sample_range": 2.5)") == "static:range=2.5");
  CHECK(clip("DDIM", R"(, "clip_sample": null)") == "none");
  CHECK(clip("DDPM", R"(, "thresholding": true, "sample_max_value": 1.5)") ==
        "dynamic:percentile=0.995,max=1.5");
  // Classes that do not clip, or not unless asked to, whatever they carry along.
  CHECK(clip("PNDM", R"(, "clip_sample": true)") == "none");
  CHECK(clip("DPMSolverMultistep") == "none");
  CHECK(clip("UniPCMultistep", R"(, "thresholding": true)") == "dynamic:percentile=0.995,max=1");
  CHECK(clip("LCM") == "none");
  CHECK(clip("LCM", R"(, "clip_sample": true)") == "static");
  CHECK(clip("EDMEuler") == "none");
  CHECK(clip("FlowMatchEulerDiscrete") == "none");
}

TEST_CASE("DDPM's variance is the one that its type names", "[models]") {
  const auto variance = [](const std::string& type) {
    return drawing("DDPM", type.empty() ? "" : ", \"variance_type\": \"" + type + "\"").variance;
  };
  CHECK(variance("") == "small");
  CHECK(variance("fixed_small_log") == "small");
  CHECK(variance("fixed_large") == "large");
  CHECK(variance("learned_range") == "learned");
  CHECK_THROWS_WITH(variance("learned"), Contains("c.json: variance_type 'learned' is not known"));
  CHECK(drawing("DDIM", R"(, "variance_type": "learned")").variance.empty());
}

TEST_CASE("what is not followed of a scheduler is said", "[models]") {
  CHECK(drawing("DDPM").notes.empty());
  CHECK(drawing("DDPM", R"(, "timestep_spacing": "trailing")").notes.empty());
  const auto notes =
      drawing("DPMSolverMultistep", R"(, "timestep_spacing": "leading", "use_karras_sigmas": true)")
          .notes;
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], StartsWith("c.json: timestep_spacing leading, use_karras_sigmas are not "));
}

TEST_CASE("settings of drawing that are of another type are refused", "[models]") {
  CHECK_THROWS_WITH(drawing("DDPM", R"(, "clip_sample": "yes")"),
                    Contains("c.json: clip_sample: must be"));
  CHECK_THROWS_WITH(drawing("DDPM", R"(, "clip_sample_range": -1)"),
                    Contains("clip_sample_range: must be a positive number"));
  CHECK_THROWS_WITH(drawing("DDPM", R"(, "variance_type": 3)"), Contains("variance_type"));
}
