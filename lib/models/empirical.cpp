#include "lib/models/empirical.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"
#include "lib/tensor/linalg.hpp"

namespace diffusion {
namespace {

// Sizes of the products, whose rounding may depend on them but not on what a batch holds:
// the last group and the last block are filled up with zeros.
constexpr std::size_t group = 32;       // samples asked for together
constexpr std::size_t block = 256;      // images multiplied at once
constexpr std::size_t stripe = 1024;    // images that one thread goes through
constexpr std::size_t most_groups = 4;  // at work at a time

constexpr double negligible = -60;  // log of a weight that changes no bit beside 1

std::size_t pieces(std::size_t count, std::size_t each) { return (count + each - 1) / each; }

/// A group of samples at a level.
struct Question {
  const Empirical& data;
  Array x;                  // group x D
  std::vector<int> labels;  // group
  double alpha, sharpness;  // of |x - alpha image|^2 = |x|^2 - 2 alpha score

  /// Grows with the likelihood of image k, up to what does not depend on it.
  double score(double product, std::size_t k) const {
    return product - alpha * data.lengths[k] / 2;
  }
  /// The likelihood of a score beside that of a better one.
  double share(double score, double best) const {
    if (score == best) return 1;  // sharpness may be infinite
    const double log = (score - best) * sharpness;
    return log < negligible ? 0 : std::exp(log);
  }
  bool counts(std::size_t row, std::size_t k) const {
    return labels[row] < 0 || data.labels[k] == labels[row];
  }
};

/// What some of the images say of a group: sums weighted beside the best score among them.
struct Opinion {
  Array sum;  // group x D
  std::vector<double> best = std::vector<double>(group, -std::numeric_limits<double>::infinity());
  std::vector<double> weight = std::vector<double>(group, 0.0);

  explicit Opinion(std::size_t size) : sum(Array::shape_type{group, size}, 0.0) {}

  /// Measures a row's weights by another best score.
  void raise(const Question& question, std::size_t row, double score) {
    if (score <= best[row]) return;
    const double keeps = weight[row] == 0 ? 0 : question.share(best[row], score);
    const std::size_t size = sum.shape(1);
    for (std::size_t i = 0; i < size; ++i) sum.data()[row * size + i] *= keeps;
    weight[row] *= keeps;
    best[row] = score;
  }

  void join(const Question& question, const Opinion& other) {
    const std::size_t size = sum.shape(1);
    for (std::size_t row = 0; row < group; ++row) {
      if (other.weight[row] == 0) continue;
      raise(question, row, other.best[row]);
      const double share = question.share(other.best[row], best[row]);
      for (std::size_t i = 0; i < size; ++i)
        sum.data()[row * size + i] += share * other.sum.data()[row * size + i];
      weight[row] += share * other.weight[row];
    }
  }
};

Array images_from(const Empirical& data, std::size_t first) {
  const std::size_t size = count(data.shape), there = std::min(block, data.size() - first);
  Array images(Array::shape_type{block, size}, 0.0);
  std::copy_n(data.images.data() + first * size, there * size, images.data());
  return images;
}

/// A row's weights for the images of a block, from its products with them.
void weigh(const Question& question, Opinion& opinion, std::size_t row, std::size_t first,
           double* products) {
  const std::size_t there = std::min(block, question.data.size() - first);
  double best = opinion.best[row];
  for (std::size_t k = 0; k < there; ++k) {
    if (!question.counts(row, first + k)) continue;
    products[k] = question.score(products[k], first + k);
    best = std::max(best, products[k]);
  }
  opinion.raise(question, row, best);
  for (std::size_t k = 0; k < block; ++k) {
    const bool counted = k < there && question.counts(row, first + k);
    products[k] = counted ? question.share(products[k], best) : 0;
    opinion.weight[row] += products[k];
  }
}

Opinion opinion_of(const Question& question, std::size_t number) {
  const std::size_t size = count(question.data.shape);
  const std::size_t end = std::min(question.data.size(), (number + 1) * stripe);
  Opinion opinion(size);
  for (std::size_t first = number * stripe; first < end; first += block) {
    const Array images = images_from(question.data, first);
    Array weights = multiply_transposed(question.x, images);
    for (std::size_t row = 0; row < group; ++row)
      weigh(question, opinion, row, first, weights.data() + row * block);
    if (std::ranges::any_of(weights, [](double weight) { return weight != 0; }))
      add_product(opinion.sum, weights, images);
  }
  return opinion;
}

Question question_at(const Empirical& data, const Tensor& x_t, const NoiseLevel& at,
                     std::span<const int> labels_of, std::size_t first) {
  const std::size_t size = count(data.shape), samples = x_t.size() / size;
  const std::size_t there = std::min(group, samples - first);
  Question question{data, Array(Array::shape_type{group, size}, 0.0), std::vector<int>(group, -1),
                    at.alpha, at.alpha / (at.sigma * at.sigma)};
  std::copy_n(x_t.data() + first * size, there * size, question.x.data());
  for (std::size_t n = 0; n < there && !labels_of.empty(); ++n)
    question.labels[n] = labels_of[labels_of.size() == 1 ? 0 : first + n];
  return question;
}

/// x0 and eps of the samples from `first` on.
void conclude(const Opinion& opinion, const Question& question, const NoiseLevel& at,
              std::size_t first, Denoised& result) {
  const std::size_t size = count(question.data.shape);
  const std::size_t there = std::min(group, result.x0.size() / size - first);
  for (std::size_t i = 0; i < there * size; ++i) {
    const double x0 = opinion.sum.data()[i] / opinion.weight[i / size];
    result.x0.data()[first * size + i] = float(x0);
    result.eps->data()[first * size + i] =
        at.clean() ? 0 : float((question.x.data()[i] - at.alpha * x0) / at.sigma);
  }
}

}  // namespace

Denoised Empirical::denoise(const Tensor& x_t, const NoiseLevel& at,
                            std::span<const int> labels_of) const {
  Denoised result{Tensor(x_t.shape()), Tensor(x_t.shape()), {}};
  const std::size_t samples = x_t.size() / count(shape), stripes = pieces(size(), stripe);
  for (std::size_t first = 0; first < samples; first += most_groups * group) {
    stop_if_interrupted();
    std::vector<Question> questions;
    for (std::size_t n = first; n < std::min(samples, first + most_groups * group); n += group)
      questions.push_back(question_at(*this, x_t, at, labels_of, n));
    std::vector<Opinion> opinions(questions.size() * stripes, Opinion(0));
    parallel_for(opinions.size(), [&](std::size_t i) {
      opinions[i] = opinion_of(questions[i / stripes], i % stripes);
    });
    for (std::size_t q = 0; q < questions.size(); ++q) {
      Opinion& all = opinions[q * stripes];
      for (std::size_t s = 1; s < stripes; ++s) all.join(questions[q], opinions[q * stripes + s]);
      conclude(all, questions[q], at, first + q * group, result);
    }
  }
  return result;
}

Empirical empirical_of(const Shape& shape, std::vector<float> images, std::vector<int> labels) {
  Empirical data{shape, std::move(images), std::move(labels)};
  const std::size_t size = count(shape);
  assert(data.images.size() % size == 0);
  data.lengths.resize(data.images.size() / size);
  for (std::size_t i = 0; i < data.images.size(); ++i)
    data.lengths[i / size] += double(data.images[i]) * double(data.images[i]);
  return data;
}

}  // namespace diffusion
