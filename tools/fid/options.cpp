#include "tools/fid/options.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "tools/cli/image_options.hpp"

namespace diffusion {
namespace {

CLI::App* add_command(CLI::App& app, FidOptions& options, const std::string& name,
                      const std::string& summary) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->add_option("data", options.data, "What to read")->type_name("DATA");
  return command;
}

void add_comparison(CLI::App& app, FidOptions& options) {
  app.add_option("real", options.real, "Images, features, statistics, or - (see the manual)")
      ->type_name("REAL");
  app.add_option("fake", options.fake, "What to compare with it")->type_name("FAKE");
  app.add_option("--metrics", options.metrics,
                 "What to compute, or all (default: frechet; see list)")
      ->type_name("SPECS");
  app.add_flag("--floor", options.floor, "Also compare two halves of REAL");
  app.add_option("--bootstrap", options.resamples, "Print 95% intervals, from N resamples")
      ->check(cli::whole_number(2, 1000000))
      ->type_name("N");
}

void add_reading(CLI::App& app, FidOptions& options) {
  app.add_option("--features", options.features, "What to compare by (default: random; see list)")
      ->type_name("SPEC");
  app.add_option("--exec-timeout", options.exec_patience,
                 "Seconds an exec: program may be silent, 0 for ever (default: 300)")
      ->check(cli::not_negative())
      ->type_name("SECONDS");
  app.add_flag("--no-round", options.no_round, "Do not round float images to 8 bits");
  app.add_option_function<std::size_t>(
         "--limit",
         [&](const std::size_t& most) {
           if (most > 0) options.extent.most = most;
         },
         "Use the first N images of a set (default: all)")
      ->check(cli::whole_number())
      ->type_name("N");
  cli::add_shard(app, options.extent.shard, "Read part I of N of the set (features, stats)");
  app.add_flag("--strict", options.strict, "Stop at the first image that cannot be used");
  app.add_option("-o,--output", options.output, "Where to write (default: standard output)")
      ->type_name("FILE");
}

/// From 0 to 1; "nan" is no number.
CLI::Validator a_share() {
  const auto check = [](const std::string& text) -> std::string {
    const auto value = parse_number(text);
    return value && *value >= 0 && *value <= 1 ? "" : "'" + text + "' is not a number from 0 to 1";
  };
  return {check, ""};
}

void add_kind(CLI::App& command, FidOptions& options) {
  command
      .add_option_function<std::string>(
          "--kind",
          [&](const std::string& name) {
            options.kind = name == "logits"    ? FeatureKind::logits
                           : name == "spatial" ? FeatureKind::spatial
                                               : FeatureKind::features;
          },
          "features, logits or spatial (default: features)")
      ->check(CLI::IsMember({"features", "logits", "spatial"}).description(""))
      ->type_name("KIND");
}

void add_neighbours(CLI::App& command, FidOptions& options) {
  command
      .add_option("--first", options.first, "Print the N nearest pairs, 0 for all (default: 20)")
      ->check(cli::whole_number())
      ->type_name("N");
  command
      .add_option("--threshold", options.threshold,
                  "A copy is nearer by this ratio than to the next (default: 1/3)")
      ->check(a_share())
      ->type_name("RATIO");
  command.add_option("--sheet", options.sheet, "Draw these pairs side by side")->type_name("FILE");
}

}  // namespace

FidCommands add_fid_options(cli::Tool& tool, FidOptions& options) {
  CLI::App& app = tool.app();
  add_comparison(app, options);
  add_reading(app, options);
  tool.add_seed();
  tool.add_json();
  cli::add_image_options(app, options.images);
  app.require_subcommand(0, 1);
  FidCommands commands{};
  commands.features = add_command(app, options, "features", "Write features: n x d float32 .npy");
  add_kind(*commands.features, options);
  commands.stats = add_command(app, options, "stats", "Write mean and covariance: .npz");
  commands.merge =
      add_command(app, options, "merge", "Join statistics (.npz) or features (.npy) of parts");
  commands.neighbours =
      add_command(app, options, "neighbours", "Find samples that copy an image: REAL FAKE");
  add_neighbours(*commands.neighbours, options);
  commands.clip_score = add_command(app, options, "clip-score",
                                    "How well images suit their texts: two arrays of embeddings");
  commands.list = app.add_subcommand("list", "Print all features and metrics");
  return commands;
}

namespace {

/// Options that not all commands have a use for, and those that do; "": a comparison.
struct Use {
  std::vector<std::string> options, commands;
};

const std::vector<Use>& uses() {
  static const std::vector<Use> all = {
      {{"--metrics", "--floor", "--bootstrap", "--seed"}, {""}},
      {{"--features", "--exec-timeout", "--no-round", "--limit", "--strict", "--size", "--crop",
        "--gray", "--rgb", "--layout", "--range"},
       {"", "features", "stats", "neighbours"}},
      {{"--shard"}, {"features", "stats"}},
      {{"--json"}, {"", "neighbours", "clip-score"}},
      {{"--output"}, {"", "features", "stats", "merge", "neighbours", "clip-score"}}};
  return all;
}

std::string in_words(const std::string& command) {
  return command.empty() ? "a comparison" : command;
}

}  // namespace

void refuse_idle_options(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const std::string command = chosen.empty() ? "" : chosen[0]->get_name();
  for (const Use& use : uses())
    for (const std::string& option : use.options) {
      if (app.count(option) == 0 || std::ranges::count(use.commands, command) > 0) continue;
      std::vector<std::string> words;
      for (const std::string& each : use.commands) words.push_back(in_words(each));
      throw Error(option + ": means nothing to " + in_words(command) + ", only to " +
                  join(words, ", "));
    }
}

}  // namespace diffusion
