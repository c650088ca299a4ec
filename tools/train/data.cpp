#include "tools/train/data.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/labels.hpp"
#include "lib/train/load_training_set.hpp"
#include "lib/train/memory.hpp"
#include "lib/train/validation.hpp"
#include "tools/cli/image_options.hpp"

namespace diffusion {
namespace {

/// What loading takes from the command line, and for whom.
struct Loading {
  const cli::Tool& tool;
  const TrainRequest& request;
  const TrainConfig::Data& data;
  const Ranks& ranks;
};

LoadedImages load(const Loading& loading, const ImageSet& set, const std::string& called) {
  const auto& [tool, request, data, ranks] = loading;
  Progress progress(tool.progress(), "reading", set.count.value_or(0), "images");
  LoadedImages loaded = load_training_set(
      set, {.labels = data.labels ? LabelUse::keep : LabelUse::ignore,
            .memory = data.memory.value_or(half_of_memory()),
            .progress = [&](std::size_t done,
                            const std::optional<std::size_t>&) { progress.update(done); },
            .ranks = ranks,
            .called = called});
  progress.finish();
  return loaded;
}

LoadedImages load_images(const Loading& loading) {
  const auto& [tool, request, data, ranks] = loading;
  const ImageSetOptions options = training_reading(request.reading, data);
  if (request.data.empty() && !options.list)
    throw Error("no images to train on: name a folder, files or an array");
  LoadedImages loaded = load(loading, open_images(request.data, options), "the images");
  std::vector<std::string> sources = request.data;
  if (options.list) sources.push_back(options.list->path);
  cli::complain_of(tool, loaded.failures, loaded.images.size(), join(sources, ", "));
  cli::tell_of_unlabelled(tool, loaded.unlabelled, join(sources, ", "));
  return loaded;
}

LoadedImages load_validation(const Loading& loading, const TrainingSet& like) {
  const auto& [tool, request, data, ranks] = loading;
  const std::string& path = *data.validation_data;
  const ImageSetOptions options = validation_reading(request.reading, data, like);
  LoadedImages loaded = load(loading, open_images({path}, options), "the images of " + path);
  cli::complain_of(tool, loaded.failures, loaded.images.size(), path);
  cli::tell_of_unlabelled(tool, loaded.unlabelled, path);
  match_images(loaded.images, like, path);
  return loaded;
}

void explain_memory(const Loading& loading, const TrainingSet& images) {
  const auto& [tool, request, data, ranks] = loading;
  if (images.streamed() && !ranks.alone())
    return tool.explain("images are read when they are drawn, by the rank that draws them");
  const std::string limit = human_bytes(double(data.memory.value_or(half_of_memory())));
  if (images.streamed())
    tool.explain("images are read when they are drawn: together they take more than " + limit +
                 " (--memory)");
  else
    tool.explain("images are held in memory: " + human_bytes(double(images.memory())) + " of the " +
                 limit + " that they may take (--memory)");
}

/// Which classes there are, and whether they are likely to be something else.
void announce_classes(const cli::Tool& tool, const TrainingSet& images,
                      const std::vector<std::string>& data) {
  std::vector<std::optional<int>> labels;
  for (std::size_t i = 0; i < images.size(); ++i) labels.push_back(images.label(i));
  tool.say(describe_classes(images.label_names, labels));
  const std::string parts = parts_among_classes(images.label_names);
  if (parts.empty()) return;
  const std::string folder =
      data.empty() ? "" : data.front() + (data.front().ends_with('/') ? "" : "/");
  tool.say("the classes " + parts +
           " look like parts of a data set; to train on one of them, name " +
           "its folder as DATA (" + folder + parts.substr(0, parts.find(' ')) + ")");
}

}  // namespace

TrainingData load_data(const cli::Tool& tool, const TrainRequest& request,
                       const TrainConfig& config, const Ranks& ranks) {
  const Loading loading{tool, request, config.data, ranks};
  LoadedImages loaded = load_images(loading);
  if (config.data.labels) announce_classes(tool, loaded.images, request.data);
  explain_memory(loading, loaded.images);
  if (config.data.validation > 0) {
    auto [kept, out] = held_out(loaded.images, config.data.validation, config.seed);
    return {std::move(kept), std::move(out), loaded.failures.size()};
  }
  if (!config.data.validation_data)
    return {std::move(loaded.images), std::nullopt, loaded.failures.size()};
  const LoadedImages others = load_validation(loading, loaded.images);
  return {std::move(loaded.images), shuffled(others.images, config.seed),
          loaded.failures.size() + others.failures.size()};
}

}  // namespace diffusion
