#include "tools/train/data.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/labels.hpp"
#include "lib/train/load_training_set.hpp"
#include "lib/train/memory.hpp"
#include "lib/train/training_units.hpp"
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
  const std::optional<DataUnits>& earlier;  // units that the network was trained in before

  /// Whether arrays hold numbers whatever their channels: there is something to be done with them.
  bool of_numbers() const { return data.offset || data.scale || (earlier && earlier->any()); }
};

/// What a training set is made of, and which kind of data it is.
struct Loaded {
  LoadedImages images;
  DataKind kind;
};

LoadedImages load(const Loading& loading, const DataSet& source, const std::string& called) {
  const auto& [tool, request, data, ranks, earlier] = loading;
  const ImageSet& set = source.set;
  const bool points = source.kind == DataKind::points, pictures = source.kind == DataKind::pictures;
  Progress progress(tool.progress(), "reading", set.count.value_or(0),
                    points ? "points" : "images");
  LoadedImages loaded = load_training_set(
      set, {.labels = data.labels ? LabelUse::keep : LabelUse::ignore,
            .values = pictures ? ArrayValues::pictures : ArrayValues::as_they_are,
            .memory = data.memory.value_or(half_of_memory()),
            .progress = [&](std::size_t done,
                            const std::optional<std::size_t>&) { progress.update(done); },
            .ranks = ranks,
            .called = called});
  progress.finish();
  return loaded;
}

/// What of the settings of pictures is asked for, for points to refuse.
ImageSetOptions points_reading(ImageSetOptions given, const TrainConfig::Data& data) {
  const auto refuse = [](bool asked, const std::string& key) {
    if (asked) throw Error(key + ": means nothing to points, only to images");
  };
  refuse(data.flip, "data.flip");
  refuse(data.shift != 0, "data.shift");
  refuse(data.labels == "own", "data.labels own");
  given.size = data.size;
  given.crop = data.crop;
  given.channels = data.channels;
  given.opacity = data.pictures.opacity;
  given.orient = data.pictures.orient;
  if (data.pictures.sixteen != SixteenBits::scale) given.sixteen = data.pictures.sixteen;
  given.labels = data.labels;
  return given;
}

/// Which arrays are pictures is seen when they are read.
ImageSetOptions deciding(ImageSetOptions options, const Loading& loading) {
  options.values = loading.of_numbers() ? ArrayValues::as_they_are : ArrayValues::by_channels;
  return options;
}

/// For all kinds.
ImageSetOptions reading_of(const Loading& loading, bool points) {
  const auto& [tool, request, data, ranks, earlier] = loading;
  return points ? points_reading(request.reading, data)
                : deciding(training_reading(request.reading, data), loading);
}

Loaded load_images(const Loading& loading, std::vector<DataArgument> arguments) {
  const auto& [tool, request, data, ranks, earlier] = loading;
  const ImageSetOptions options = reading_of(loading, all_points(arguments));
  if (request.data.empty() && !options.list)
    throw Error("no images to train on: name a folder, files or an array");
  const DataSet set = open_data(std::move(arguments), options);
  LoadedImages loaded = load(loading, set, "the images");
  std::vector<std::string> sources = request.data;
  if (options.list) sources.push_back(options.list->path);
  cli::complain_of(tool, loaded.failures, loaded.images.size(), join(sources, ", "));
  cli::tell_of_unlabelled(tool, loaded.unlabelled, join(sources, ", "));
  return {std::move(loaded), set.kind};
}

LoadedImages load_validation(const Loading& loading, const TrainingSet& like, DataKind kind) {
  const auto& [tool, request, data, ranks, earlier] = loading;
  const std::string& path = *data.validation_data;
  const ImageSetOptions options =
      kind == DataKind::points ? points_reading(request.reading, data)
                               : deciding(validation_reading(request.reading, data, like), loading);
  const DataSet set = open_data(look_at({path}), options);
  if (set.kind != kind)
    throw Error(path + ": holds " + std::string(name_of(set.kind)) + " where what is trained on " +
                "is " + std::string(name_of(kind)));
  LoadedImages loaded = load(loading, set, "the images of " + path);
  loaded.images.units = like.units;
  cli::complain_of(tool, loaded.failures, loaded.images.size(), path);
  cli::tell_of_unlabelled(tool, loaded.unlabelled, path);
  match_images(loaded.images, like, path);
  return loaded;
}

void explain_memory(const Loading& loading, const TrainingSet& images) {
  const auto& [tool, request, data, ranks, earlier] = loading;
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

namespace {

/// Those of an earlier training, of which the network knows no others, where nothing else is asked
/// for.
DataUnits units_for(const DataRequest& request, DataKind kind, const TrainingSet& images) {
  const TrainConfig::Data& data = request.config.data;
  const bool earlier = request.units && request.units->any();
  if (kind == DataKind::pictures) {
    if (data.offset) throw Error("data.offset: is of numbers; pictures lie in [-1, 1]");
    if (data.scale) throw Error("data.scale: is of numbers; pictures lie in [-1, 1]");
    if (earlier) throw Error("the network was trained on numbers before, and DATA holds pictures");
    return {};
  }
  const bool fits = earlier && request.units->scale.size() == images.channels();
  return fits && !data.offset && !data.scale ? *request.units : training_units(data, images);
}

/// "(x_1 - 12.1) x 0.3, ...": what the network is shown.
std::string in_words(const DataUnits& units) {
  std::vector<std::string> each;
  for (std::size_t c = 0; c < units.scale.size() && c < 8; ++c)
    each.push_back("(x_" + std::to_string(c + 1) + " - " + significant(units.offset[c], 4) +
                   ") x " + significant(units.scale[c], 4));
  if (each.size() < units.scale.size()) each.emplace_back("...");
  return join(each, ", ");
}

}  // namespace

TrainingData load_data(const cli::Tool& tool, DataRequest asked, const Ranks& ranks) {
  const TrainRequest& request = asked.run;
  const TrainConfig& config = asked.config;
  const Loading loading{tool, request, config.data, ranks, asked.units};
  auto [loaded, kind] = load_images(loading, std::move(asked.data));
  loaded.images.units = units_for(asked, kind, loaded.images);
  if (loaded.images.units.any()) tool.explain("the network sees " + in_words(loaded.images.units));
  if (config.data.labels) announce_classes(tool, loaded.images, request.data);
  explain_memory(loading, loaded.images);
  if (config.data.validation > 0) {
    auto [kept, out] = held_out(loaded.images, config.data.validation, config.seed);
    return {std::move(kept), std::move(out), loaded.failures.size()};
  }
  if (!config.data.validation_data)
    return {std::move(loaded.images), std::nullopt, loaded.failures.size()};
  const LoadedImages others = load_validation(loading, loaded.images, kind);
  return {std::move(loaded.images), shuffled(others.images, config.seed),
          loaded.failures.size() + others.failures.size()};
}

}  // namespace diffusion
