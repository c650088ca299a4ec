// DATA of `empirical:`, read whole.
#include <algorithm>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/windowed.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/data_set.hpp"
#include "lib/image/labels.hpp"
#include "lib/image/points.hpp"
#include "lib/models/empirical.hpp"

namespace diffusion {
namespace {

constexpr std::size_t decoded_at_once = 128;

/// Gathers images; the first of them decides what the others must be.
class Gatherer {
 public:
  explicit Gatherer(DataKind kind) : kind_(kind) {}

  void take(const ImageEntry& entry, const Image& image) {
    const Tensor& pixels = image.pixels;
    if (first_name_.empty()) {
      first_name_ = entry.called();
      shape_ = shape_of(pixels);
    }
    check(entry.called(), pixels);
    const Tensor plain = pictures() ? with_channels(pixels, shape_[2]) : pixels;
    images_.insert(images_.end(), plain.begin(), plain.end());
    labels_.push_back(entry.label.value_or(-1));
    unlabelled_.add(entry.label, entry.called());
  }

  void leave_out(const std::string& why) { failures_.push_back(why); }
  const std::vector<std::string>& failures() const { return failures_; }
  const Unlabelled& unlabelled() const { return unlabelled_; }

  Empirical result(const std::string& data) {
    if (labels_.empty())
      throw Error(failures_.empty() ? data + ": holds no images" : failures_.front());
    if (std::ranges::all_of(labels_, [](int label) { return label < 0; })) labels_.clear();
    return empirical_of(shape_, std::move(images_), std::move(labels_));
  }

 private:
  bool pictures() const { return kind_ == DataKind::pictures; }

  /// Of pictures without their opacity.
  Shape shape_of(const Tensor& pixels) const {
    const std::size_t all = pixels.shape(2);
    return {pixels.shape(0), pixels.shape(1), pictures() ? plain_channels(all) : all};
  }

  void check(const std::string& name, const Tensor& pixels) const {
    const Shape here = shape_of(pixels);
    if (here[0] != shape_[0] || here[1] != shape_[1] ||
        (pictures() ? here[2] > shape_[2] : here[2] != shape_[2]))
      throw Error(name + ": is " + describe(here) + " where " + first_name_ + " is " +
                  describe(shape_) + "; the images of a model are of one size");
  }

  DataKind kind_;
  std::string first_name_;
  Shape shape_;
  std::vector<float> images_;
  std::vector<int> labels_;
  std::vector<std::string> failures_;
  Unlabelled unlabelled_;
};

/// The images of a model, and why it lacks others.
Gatherer gathered(ImageSet& set, DataKind kind) {
  Gatherer gatherer(kind);
  in_windows<ImageEntry>(
      set.next, decoded_at_once, [](const ImageEntry& entry) { return entry.load(); },
      [&](const ImageEntry& entry, const Outcome<Image>& image) {
        if (image.result)
          gatherer.take(entry, *image.result);
        else
          gatherer.leave_out(image.failure);
      });
  return gatherer;
}

/// A class that no image has leaves nothing to be the best.
void need_images_of(const Empirical& data, std::span<const int> labels, const std::string& name) {
  for (const int label : labels)
    if (label >= 0 && std::ranges::find(data.labels, label) == data.labels.end())
      throw Error(name + ": has no image of class " + std::to_string(label));
}

/// What is known before a setting is recommended, and where that ends.
std::pair<std::string, std::size_t> without_advice(const std::string& message) {
  const std::string before = message.substr(0, message.find('`'));
  if (before.size() == message.size()) return {message, message.npos};
  const auto end = before.find_last_of("?;");
  return {before.substr(0, end), end};
}

/// What readers advise is a setting for images that are named elsewhere: in its place comes what
/// can be done here.
std::string without_settings(const std::string& message) {
  const auto& [fact, end] = without_advice(message);
  if (fact.size() == message.size()) return message;
  return fact + (end != message.npos && message[end] == '?' ? "? An" : "; an") +
         " empirical: model needs pictures, or an array N x H x W x C of values from -1 to 1 "
         "or of 8 bits, in which C is 1, 3 or 4 and H is not";
}

struct KnownImages {
  std::shared_ptr<const Empirical> data;
  std::vector<std::string> label_names, failures;
  DataKind kind = DataKind::pictures;
};

KnownImages known_points(Points points, const std::string& data) {
  ImageSet set = set_of_points(std::move(points));
  Gatherer all = gathered(set, DataKind::points);
  return {
      std::make_shared<const Empirical>(all.result(data)), {}, all.failures(), DataKind::points};
}

ImageSetOptions deciding(ImageSetOptions options) {
  options.values = ArrayValues::by_channels;
  return options;
}

/// Settings that nobody can give are not recommended.
ImageSetOptions reading_of(const ModelOptions& options) {
  if (options.reading) return deciding(without_opacity(*options.reading));
  Telling telling = options.telling;
  telling.say = [say = telling.say](const std::string& message) {
    say(without_advice(message).first);
  };
  return deciding(without_opacity({.telling = std::move(telling)}));
}

KnownImages known_images(const std::string& data, const ModelOptions& options) {
  if (auto points = read_points(data)) {
    need_options_of_points(options.reading.value_or(ImageSetOptions{}), points->culprit);
    return known_points(*std::move(points), data);
  }
  try {
    const ImageSetOptions reading = reading_of(options);
    auto [set, kind, culprit] = open_data({{data}}, reading);
    Gatherer all = gathered(set, kind);
    auto known = std::make_shared<const Empirical>(all.result(data));
    if (const std::string remark = all.unlabelled().remark(); !remark.empty())
      reading.telling.say(data + ": " + remark);
    set.conclude();
    return {std::move(known), set.label_names, all.failures(), kind};
  } catch (const Error& e) {
    if (options.reading) throw;
    throw Error(without_settings(e.what()));
  }
}

}  // namespace

Model load_empirical(const std::string& data, const ModelOptions& options) {
  const KnownImages images = known_images(data, options);
  const std::shared_ptr<const Empirical> known = images.data;
  Model model{.shape = known->shape,
              .schedule = {},
              .images = images.kind == DataKind::pictures,
              .numbers = images.kind == DataKind::numbers,
              .failures = images.failures,
              .images_used = known->size(),
              .denoiser = {}};
  for (const int label : known->labels) model.labels = std::max(model.labels, label + 1);
  if (model.labels > 0) model.label_names = images.label_names;
  model.labels = std::max(model.labels, int(model.label_names.size()));
  model.denoiser = [known, name = "empirical:" + data](std::span<const int> labels) -> Denoiser {
    need_images_of(*known, labels, name);
    return [known, of = std::vector<int>(labels.begin(), labels.end())](
               const Tensor& x_t, const NoiseLevel& at) { return known->denoise(x_t, at, of); };
  };
  return model;
}

}  // namespace diffusion
