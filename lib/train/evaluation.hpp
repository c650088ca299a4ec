// How well a model knows images that it is shown: means by bands of t, by classes and over
// all.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/models/model.hpp"
#include "lib/models/model_images.hpp"
#include "lib/train/config.hpp"
#include "lib/train/likelihood.hpp"
#include "lib/train/weighted_mean.hpp"

namespace diffusion {

/// What a model was trained to make small: a factor of the squared error of x0.
using LossFactor = std::function<double(const NoiseLevel&)>;

/// What a model's file tells of its training.
struct TrainedFor {
  LossFactor loss = {};                               // none: not known
  ReverseVariance variance = ReverseVariance::small;  // learned where it was
};

/// Throws Error.
TrainedFor trained_for(const ModelFile& file);

/// Whether images are also judged by their classes.
enum class ByClass { no, yes };

struct JudgeOptions {
  Schedule schedule;
  NoiseSource noise;      // of the bound
  NoiseSource ode_noise;  // of the ODE's probes, and of 8-bit values in their bins
  TrainedFor trained = {};
  Clipping clipping = Clipping::none;
  int terms = 100;  // of the bound, visited for an image
  int ode = 0;      // steps along the probability-flow ODE; 0: none
  int bands = 10;   // of t
  ByClass by_class = ByClass::no;
  std::function<void(std::size_t images)> progress = {};  // those that are done
};

/// What is found where t is `first`..`last`: losses, mean squares of errors, bits a term.
struct Band {
  int first, last;
  WeightedMean loss = {}, eps = {}, x0 = {}, bits = {};
};

/// Of the images of a class: the loss is the mean of each image's over its terms.
struct ClassMeans {
  WeightedMean loss, bound, ode;
};

struct Judgement {
  int steps;  // T
  std::size_t images, terms;
  Decoder decoder;
  bool in_data_units;  // the density is that of the data's numbers, not of the network's
  std::vector<Band> bands;
  // Where they were asked for; with those of images without a label.
  std::map<std::optional<int>, ClassMeans> classes = {};
  WeightedMean prior = {}, kl = {}, last = {}, total = {}, ode = {};  // bits per dimension
  double ode_error = 0;  // of the differences along the probes
};

/// The model is told the labels of the images, where it has classes and they have labels
/// (numbered as the model's: see number_as). Throws Error, and Interrupted.
Judgement judge(const Model& model, const ModelImages& images, const JudgeOptions& options);

/// Numbers the labels of the images as the model does, if it has any. Throws Error where
/// no image has a label, and, opened by `culprit`, for a class that the model has not.
void number_as(const Model& model, ModelImages& images, const std::string& culprit);

}  // namespace diffusion
