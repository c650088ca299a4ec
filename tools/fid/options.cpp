#include "tools/fid/options.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/features/features.hpp"
#include "lib/fid/metrics/metric.hpp"
#include "tools/cli/device.hpp"
#include "tools/cli/image_options.hpp"

namespace diffusion {

using namespace cli;

namespace {

/// A subcommand that reads `what`.
struct Command {
  const char *name, *summary, *what, *help;
  enum { one, several } sets = several;
  std::vector<std::string> endings = {};  // none: of any file
};

Flags add_command(Tool& tool, FidOptions& options, const Command& row) {
  const Flags flags = tool.add_command(row.name, row.summary);
  flags.add({.names = "data",
             .value = row.what,
             .help = row.help,
             .values = files(row.endings),
             .required = true},
            options.data);
  if (row.sets == Command::one) flags.app().get_option("data")->expected(1);
  return flags;
}

/// A program's name is the rest of its spec.
Values feature_specs() {
  Values values = specs_of("features", feature_families(), feature_parameters);
  const auto program = std::ranges::find(values.choices, "exec", &Choice::name);
  *program = {"exec:", program->summary, program->reference};
  return values;
}

void add_comparison(const Flags& flags, FidOptions& options) {
  flags.add({"real", "REAL", "Images, features, statistics, or - (see the manual)", files()},
            options.real);
  flags.add({"fake", "FAKE", "What to compare with it", files()}, options.fake);
  flags.add({.names = "--metrics",
             .value = "SPECS",
             .help = "What to compute, or all",
             .values = several_or_all(specs_of("metrics", metric_families(), metric_parameters)),
             .otherwise = options.metrics + "; see list"},
            options.metrics);
  flags.add({"--floor", "", "Also compare two halves of REAL"}, options.floor);
  flags.add({.names = "--bootstrap",
             .value = "N",
             .help = "Print 95% intervals, from N resamples",
             .values = whole(2, 1000000),
             .otherwise = unsaid},
            options.resamples);
}

void add_reading(const Flags& all, FidOptions& options) {
  const Flags flags = all.serving({"", "features", "stats", "neighbours"});
  flags.add({.names = "--features",
             .value = "SPEC",
             .help = "What to compare by",
             .values = feature_specs(),
             .otherwise = options.features + "; see list"},
            options.features);
  add_device(flags, options.device);
  flags.add({"--exec-timeout", "SECONDS", "Seconds an exec: program may be silent, 0 for ever",
             not_negative()},
            options.exec_patience);
  flags.add({"--no-round", "", "Do not round float images to 8 bits"}, options.no_round);
  flags.read(
      {.names = "--limit",
       .value = "N",
       .help = "Use the first N images of a set",
       .values = whole(1),
       .otherwise = "all"},
      [&](const std::string& text) { options.extent.most = std::size_t(std::stoull(text)); });
  flags.read(
      {.names = "--subset",
       .value = "N",
       .help = "Use N images of a set, chosen by --seed",
       .values = whole(1),
       .otherwise = "all",
       .excludes = {"--limit"}},
      [&](const std::string& text) { options.extent.subset = std::size_t(std::stoull(text)); });
  add_shard(all.serving({"features", "stats"}), options.extent.shard,
            "Read part I of N of the set (features, stats)");
  flags.add({"--strict", "", "Stop at the first image that cannot be used"}, options.strict);
  all.serving({"", "features", "stats", "merge", "neighbours", "clip-score"})
      .add({.names = "-o,--output",
            .value = "FILE",
            .help = "Where to write",
            .values = files({".json", ".npz", ".npy"}),
            .otherwise = "standard output"},
           options.output);
  add_image_options(flags, options.images);
}

void add_kind(const Flags& flags, FidOptions& options) {
  flags.read({.names = "--kind",
              .value = "KIND",
              .help = "{}",
              .values = one_of({"features", "logits", "spatial"}),
              .otherwise = "features"},
             [&](const std::string& name) {
               options.kind = name == "logits"    ? FeatureKind::logits
                              : name == "spatial" ? FeatureKind::spatial
                                                  : FeatureKind::features;
             });
}

void add_neighbours(const Flags& flags, FidOptions& options) {
  flags.add({"--first", "N", "Print the N nearest pairs, 0 for all", whole()}, options.first);
  flags.add({.names = "--threshold",
             .value = "RATIO",
             .help = "A copy is nearer by this ratio than to the next",
             .values = share(),
             .otherwise = "a third"},
            options.threshold);
  flags.add({"--sheet", "FILE", "Draw these pairs side by side", pictures()}, options.sheet);
}

}  // namespace

FidCommands add_fid_options(Tool& tool, FidOptions& options) {
  const Flags flags = tool.flags();
  add_comparison(flags, options);
  tool.add_seed({"", "features", "stats", "neighbours"});
  tool.add_json({"", "neighbours", "clip-score"});
  add_reading(flags, options);
  tool.app().require_subcommand(0, 1);
  const auto command = [&](const Command& row) { return add_command(tool, options, row); };
  FidCommands commands{};
  const Flags features = command({"features", "Write features: n x d float32 .npy", "DATA",
                                  "Images, or - for standard input", Command::one});
  add_kind(features, options);
  commands.features = &features.app();
  commands.stats = &command({"stats", "Write mean and covariance: .npz", "DATA",
                             "Images or features, or - for standard input", Command::one})
                        .app();
  commands.merge = &command({"merge",
                             "Join statistics (.npz) or features (.npy) of parts",
                             "PART...",
                             "Statistics, or features",
                             Command::several,
                             {".npz", ".npy"}})
                        .app();
  const Flags neighbours = command({"neighbours", "Find samples that copy an image", "REAL FAKE",
                                    "Images or features: what may be copied, and samples"});
  add_neighbours(neighbours, options);
  commands.neighbours = &neighbours.app();
  commands.clip_score = &command({"clip-score",
                                  "How well images suit their texts",
                                  "IMAGES.npy TEXTS.npy",
                                  "Embeddings, row i of both a pair",
                                  Command::several,
                                  {".npy"}})
                             .app();
  tool.add_list();
  return commands;
}

}  // namespace diffusion
