#include "lib/train/load_training_set.hpp"

#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/text.hpp"
#include "lib/image/alike.hpp"
#include "lib/train/class_match.hpp"
#include "lib/train/pixels.hpp"

namespace diffusion {
namespace {

constexpr std::size_t decoded_at_once = 128;
constexpr int highest_label = 99'999;

std::string sides(std::size_t height, std::size_t width) {
  return std::to_string(height) + " x " + std::to_string(width);
}

std::string text_of(const ImageShape& shape) {
  return sides(shape.height, shape.width) + " x " + std::to_string(shape.channels);
}

/// What must be known of an image that is read again when it is drawn.
struct Look {
  std::size_t height, width, channels;
  Depth depth;
};

Look look_of(const Image& image) {
  return {image.pixels.shape(0), image.pixels.shape(1), image.pixels.shape(2), image.depth};
}

/// One of the images that are decoded together, maybe by another rank.
struct Decoded {
  std::optional<Look> look = {};
  std::optional<Image> image = {};
  std::string failure = {};
};

/// Decodes those in the range.
std::vector<Decoded> decode(const std::vector<ImageEntry>& entries, const Range& range) {
  std::vector<Decoded> decoded(entries.size());
  parallel_for(range.count, [&](std::size_t i) {
    Decoded& own = decoded[range.first + i];
    try {
      own.image = entries[range.first + i].load();
      own.look = look_of(*own.image);
    } catch (const Error& e) {
      own.failure = e.what();
    }
  });
  return decoded;
}

/// Throws Error where ranks have other entries: parts of them would not fit together.
void need_same_entries(const std::vector<ImageEntry>& entries, const Ranks& ranks) {
  std::string names;
  for (const ImageEntry& entry : entries) names += entry.name + '\0';
  need_same(ranks, std::to_string(fnv1a(names)), "the images that they find");
}

/// Each rank decodes its run of the entries, and all know how they look.
std::vector<Decoded> decode_together(const std::vector<ImageEntry>& entries, const Ranks& ranks) {
  if (!ranks.alone()) need_same_entries(entries, ranks);
  const auto runs = runs_of(ranks, entries.size());
  const auto& [first, count] = runs[ranks.rank];
  std::vector<Decoded> decoded = decode(entries, runs[ranks.rank]);
  std::vector<std::optional<Look>> looks(entries.size());
  std::string failures;
  for (std::size_t i = first; i < first + count; ++i) {
    looks[i] = decoded[i].look;
    if (!looks[i]) failures += decoded[i].failure + '\0';
  }
  gather<std::optional<Look>>(ranks, runs, looks);
  const auto all = split(join(texts_of_all(ranks, failures), ""), '\0');
  for (std::size_t i = 0, failed = 0; i < entries.size(); ++i) {
    decoded[i].look = looks[i];
    if (!looks[i]) decoded[i].failure = all[failed++];
  }
  return decoded;
}

/// Those of which each decodes a part, and all stream; a set that passes by each takes whole.
Ranks sharing(const ImageSet& set, const Ranks& ranks) { return set.passing ? Ranks{} : ranks; }

/// Gathers decoded images; the first of them decides what the others must be. Pixels
/// are held until they are too many, and from then on only where to read them again.
class Gatherer {
 public:
  Gatherer(const ImageSet& set, const LoadOptions& options) : set_(set), options_(options) {}

  void take(ImageEntry& entry, Decoded& decoded) {
    if (!decoded.look) {
      failures_.push_back(decoded.failure);
      return;
    }
    if (!shape_) begin(entry.called(), *decoded.look);
    check(entry.called(), *decoded.look);
    StoredImage stored{std::move(entry.load), label_of(entry)};
    unlabelled_.add(stored.label, entry.called());
    if (held_) {
      const Image& image = *decoded.image;
      held_->add(pixels_trained_on(image, shape_->channels, options_.values), image.depth,
                 stored.label);
      if (held_->memory() > options_.memory) let_go();
    }
    if (!set_.passing) stored_.push_back(std::move(stored));
  }

  LoadedImages result() {
    if (!shape_)
      throw Error(failures_.empty() ? "there are no images to train on"
                                    : failures_.front() + " (and nothing else could be read)");
    TrainingSet images =
        held_ ? std::move(*held_) : TrainingSet(*shape_, std::move(stored_), options_.values);
    if (options_.labels == LabelUse::keep) {
      images.label_names = set_.label_names;
      if (images.classes() == 0)
        throw Error(no_labels_of_their_own(options_.called, set_.why_unlabelled));
    }
    return {std::move(images), std::move(failures_), std::move(unlabelled_)};
  }

 private:
  void begin(const std::string& name, const Look& first) {
    first_name_ = name;
    shape_ = {first.height, first.width, channels_of(first)};
    if (!sharing(set_, options_.ranks).alone()) return;
    held_.emplace(shape_->height, shape_->width, shape_->channels);
    if (!set_.count) return;
    const std::size_t each = shape_->size() * (first.depth == Depth::uint8 ? 1 : sizeof(float));
    if (*set_.count > options_.memory / each)
      let_go();
    else
      held_->reserve(*set_.count, first.depth);
  }

  void let_go() {
    if (set_.passing)
      throw Error(set_.read_once + ": " + options_.called + " take more memory than " +
                  human_bytes(double(options_.memory)) +
                  ", and what comes from a packed archive or a pipe cannot be read again when it "
                  "is drawn; unpack it, or give more `memory`");
    held_.reset();
  }

  std::size_t channels_of(const Look& look) const {
    return channels_trained_on(look.channels, options_.values);
  }

  void check(const std::string& name, const Look& look) const {
    if (look.height != shape_->height || look.width != shape_->width)
      throw Error(
          name + ": is " + sides(look.height, look.width) + " pixels where " + first_name_ +
          " is " + sides(shape_->height, shape_->width) +
          (options_.values == ArrayValues::pictures ? "; `size` HxW makes all images alike" : ""));
    if (options_.values == ArrayValues::as_they_are && look.channels != shape_->channels)
      throw Error(name + ": has " + count_of(look.channels, "channel") + " where " + first_name_ +
                  " has " + std::to_string(shape_->channels));
    if (channels_of(look) > shape_->channels)
      throw Error(name + ": has colour where " + first_name_ +
                  " is grey; `rgb` or `gray` makes all images alike");
  }

  std::optional<int> label_of(const ImageEntry& entry) const {
    if (options_.labels == LabelUse::ignore) return std::nullopt;
    if (entry.label && (*entry.label < 0 || *entry.label > highest_label))
      throw Error(entry.called() + ": has the label " + std::to_string(*entry.label) +
                  "; labels are numbers from 0 to " + std::to_string(highest_label));
    return entry.label;
  }

  const ImageSet& set_;
  const LoadOptions& options_;
  std::string first_name_;
  std::optional<ImageShape> shape_;
  std::optional<TrainingSet> held_;
  std::vector<StoredImage> stored_;
  std::vector<std::string> failures_;
  Unlabelled unlabelled_;
};

}  // namespace

LoadedImages load_training_set(const ImageSet& set, const LoadOptions& options) {
  Gatherer gatherer(set, options);
  const Ranks ranks = sharing(set, options.ranks);
  std::vector<ImageEntry> entries;
  std::size_t done = 0;
  const auto flush = [&] {
    stop_if_interrupted();
    auto decoded = decode_together(entries, ranks);
    for (std::size_t i = 0; i < entries.size(); ++i) gatherer.take(entries[i], decoded[i]);
    done += entries.size();
    entries.clear();
    if (options.progress) options.progress(done, set.count);
  };
  while (auto entry = set.next()) {
    entries.push_back(std::move(*entry));
    if (entries.size() == decoded_at_once) flush();
  }
  flush();
  set.share_sightings(ranks);
  set.conclude();
  return gatherer.result();
}

ImageSetOptions training_reading(ImageSetOptions given, const TrainConfig::Data& data) {
  given.size = data.size;
  given.crop = data.crop;
  given.channels = data.channels;
  given.opacity = data.pictures.opacity;
  given.orient = data.pictures.orient;
  if (data.pictures.sixteen != SixteenBits::scale) given.sixteen = data.pictures.sixteen;
  if (data.labels && data.labels != "own") given.labels = data.labels;
  return without_opacity(std::move(given));
}

ImageSetOptions validation_reading(ImageSetOptions given, const TrainConfig::Data& data,
                                   const TrainingSet& like) {
  if (data.labels && data.labels != "own" && data.labels != "prefix")
    throw Error(*data.validation_data + ": has no labels in " + *data.labels +
                ", which goes with the images trained on; `labels` own or prefix serves both");
  ImageSetOptions reading = training_reading(std::move(given), data);
  reading.list.reset();
  if (like.channels() == 3) reading.channels = 3;
  return reading;
}

void match_images(TrainingSet& images, const TrainingSet& like, const std::string& culprit) {
  if (images.shape() != like.shape())
    throw Error(culprit + ": its images are " + text_of(images.shape()) +
                " where those trained on are " + text_of(like.shape()));
  if (like.classes() == 0) return;
  images.renumber_labels(match_classes({images.classes(), images.label_names},
                                       {like.classes(), like.label_names}, culprit),
                         like.classes());
  images.label_names = like.label_names;
}

}  // namespace diffusion
