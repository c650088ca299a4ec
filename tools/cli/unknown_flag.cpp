#include "tools/cli/unknown_flag.hpp"

#include <algorithm>
#include <string_view>

#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

/// What other programs call it, and what to write here; the first word is the flag, or a
/// subcommand.
struct Equivalent {
  std::string_view theirs, ours;
  std::string_view beside = "";  // a flag that tells the command where it means the same
};

constexpr Equivalent equivalents[] = {
    // diffusers' pipelines and training scripts
    {"--num-inference-steps", "--steps", "--grid"},
    {"--guidance-scale", "--cfg"},
    {"--cfg-scale", "--cfg"},
    {"--guidance-rescale", "--cfg-rescale"},
    {"--gnet", "--guide"},
    {"--num-images-per-prompt", "--count"},
    {"--eta", "--sampler ddim:eta=", "--init"},
    {"--eta", "--samplers ddim:eta="},
    {"--train-batch-size", "--batch"},
    {"--batch-size", "--batch"},
    {"--num-train-epochs", "--steps", "--lr"},
    {"--num-epochs", "--steps", "--lr"},
    {"--epochs", "--steps", "--lr"},
    {"--max-train-steps", "--steps", "--lr"},
    {"--learning-rate", "--lr"},
    {"--lr-warmup-steps", "--warmup"},
    {"--lr-scheduler", "--decay"},
    {"--gradient-accumulation-steps", "--accumulate"},
    {"--checkpointing-steps", "--save-every"},
    {"--resume-from-checkpoint", "--resume"},
    {"--mixed-precision", "--precision"},
    {"--prediction-type", "--prediction"},
    {"--prediction-type", "--predict"},
    {"--snr-gamma", "--weight min-snr:gamma="},
    {"--ema-decay", "--ema"},
    {"--weight-decay", "--set train.weight_decay="},
    {"--max-grad-norm", "--set train.clip="},
    {"--lanes", "--set train.lanes="},
    {"--random-flip", "--flip"},
    {"--resolution", "--size"},
    {"--image-size", "--size"},
    {"--output-dir", "--output"},
    {"--noise-scheduler", "--schedule"},
    {"--scheduler", "--sampler"},
    {"--scheduler", "--schedule"},
    {"--beta-schedule", "--schedule"},
    {"--num-train-timesteps", "-T"},
    {"--t", "-t"},
    {"--half", "--precision bf16"},
    {"--timesteps", "--at"},
    {"--timesteps", "-t"},
    {"--timesteps", "-T"},
    {"--save-interval", "--save-every"},
    // EDM's and others' samplers
    {"--outdir", "--output"},
    {"--out", "--output"},
    {"--num-samples", "--count"},
    {"--num-images", "--count"},
    {"--n-samples", "--count"},
    {"--seeds", "--count"},
    {"--seeds", "--seed"},
    {"--s-churn", "--sampler heun:churn="},
    {"--num-steps", "--steps", "--grid"},
    {"--max-steps", "--steps", "--lr"},
    {"--noise-schedule", "--schedule"},
    {"--solver", "--sampler"},
    {"--discretization", "--grid"},
    {"--rho", "--grid karras:rho="},
    {"--workers", "--threads"},
    {"--num-workers", "--threads"},
    {"--num-threads", "--threads"},
    // programs that measure
    {"--dims", "--features inception:tap="},
    {"--model", "--features"},
    {"--fid", "--metrics frechet"},
    {"--kid", "--metrics kid"},
    {"--isc", "--metrics inception_score"},
    {"--prc", "--metrics precision_recall"},
    {"--save-stats", "stats"},
};

bool has(const std::vector<std::string>& known, std::string_view flag) {
  return std::ranges::find(known, flag) != known.end();
}

/// The longest of `known` that `given` begins with, or the only one that begins with it.
std::string related(const std::string& given, const std::vector<std::string>& known) {
  std::string longest;
  std::vector<std::string> longer;
  for (const std::string& each : known) {
    if (each.size() < 4) continue;  // "--n" begins everything
    if (given.starts_with(each + "-") && each.size() > longest.size()) longest = each;
    if (each.starts_with(given)) longer.push_back(each);
  }
  return longest.empty() && longer.size() == 1 ? longer[0] : longest;
}

}  // namespace

std::string unknown_flag(const std::string& given, const std::vector<std::string>& known) {
  std::string name = given.substr(0, given.find('='));
  const std::string opening = "unknown option '" + name + "'";
  const auto called = [&](std::string_view ours) {
    return opening + "; here it is " + (ours.starts_with('-') ? "" : "the subcommand ") +
           std::string(ours);
  };
  if (name.size() == 3 && has(known, name.substr(1))) return called(name.substr(1));  // "--T"
  name = comparable_name(name);
  if (name.size() > 2 && name[1] != '-') name.insert(0, "-");
  if (has(known, name)) return called(name);
  for (const Equivalent& row : equivalents)
    if (row.theirs == name && has(known, row.ours.substr(0, row.ours.find(' '))) &&
        (row.beside.empty() || has(known, row.beside)))
      return called(row.ours);
  // Short words are two edits from anything.
  const auto close = nearest(name, known);
  if (close && name.size() > 5 && (*close)[2] == name[2])
    return opening + "; did you mean " + *close + "?";
  if (name.size() > 3 && has(known, name.substr(2))) return called(name.substr(2));  // "--list"
  if (const std::string near = related(name, known); !near.empty())
    return opening + "; did you mean " + near + "?";
  return opening;
}

}  // namespace diffusion::cli
