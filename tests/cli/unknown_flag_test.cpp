#include "tools/cli/unknown_flag.hpp"

#include "tests/support/catch.hpp"

using diffusion::cli::unknown_flag;

TEST_CASE("an unknown flag gets the one of the same meaning, if the tool has it", "[cli]") {
  const std::vector<std::string> known{"--steps", "-n",        "--count", "--cfg",
                                       "--batch", "--sampler", "--init"};
  CHECK(unknown_flag("--batch-size", known) == "unknown option '--batch-size'; here it is --batch");
  CHECK(unknown_flag("--guidance_scale=3", known) ==
        "unknown option '--guidance_scale'; here it is --cfg");
  CHECK(unknown_flag("--eta", known) == "unknown option '--eta'; here it is --sampler ddim:eta=");
  CHECK(unknown_flag("-batch_size", known) == "unknown option '-batch_size'; here it is --batch");
  CHECK(unknown_flag("-x", known) == "unknown option '-x'");
  CHECK(unknown_flag("--learning-rate", known) == "unknown option '--learning-rate'");
}

TEST_CASE("an unknown flag gets the nearest, but not one of chance", "[cli]") {
  const std::vector<std::string> known{"--steps", "--sampler", "--sampler-noise", "--gif"};
  CHECK(unknown_flag("--samplr", known) == "unknown option '--samplr'; did you mean --sampler?");
  CHECK(unknown_flag("--STEPS", known) == "unknown option '--STEPS'; here it is --steps");
  CHECK(unknown_flag("--sampler-x-y", known) ==
        "unknown option '--sampler-x-y'; did you mean --sampler?");
  CHECK(unknown_flag("--dir", known) == "unknown option '--dir'");
}

TEST_CASE("an unknown flag may be a subcommand here, or one letter", "[cli]") {
  const std::vector<std::string> known{"-T", "-t", "--seed", "list", "stats"};
  CHECK(unknown_flag("--list", known) == "unknown option '--list'; here it is the subcommand list");
  CHECK(unknown_flag("--save-stats", known) ==
        "unknown option '--save-stats'; here it is the subcommand stats");
  CHECK(unknown_flag("--T=5", known) == "unknown option '--T'; here it is -T");
  CHECK(unknown_flag("--timesteps", known) == "unknown option '--timesteps'; here it is -t");
}
