#!/usr/bin/env python3
"""Measures the topics of tickets beside scikit-learn's: agreement with labels, time and memory, in one table.

    pip install scikit-learn
    swift build -c release --scratch-path .build-release
    swift build -c release --package-path Benchmarks --product encode       # optional: sentence vectors for scikit-learn
    Benchmarks/topics.py TICKETS.csv --bin .build-release/release --encode Benchmarks/.build/release/encode

The file has the columns `text` and `label`. Besides it, a set of 20,000 rows is drawn from it with replacement, each text changed a
little, so that hardly two are the same.

"Of 10" is how many of the ten largest labels are the most frequent one in one of the ten largest clusters. A ticket outside all topics
counts as a cluster of its own. Each row is a process of its own, start and imports included: the median seconds and the largest peak
memory of several runs. With --encode, the vectors are those of gonogo's own encoder, made by as many processes as there are cores;
their seconds are included.

scikit-learn is helped where gonogo is not: k-means gets the number of labels, and of several distances at which agglomerative
clustering may stop, the one that agrees most with the labels is shown. Agglomerative clustering compares all pairs, so it is left out
of sets above --pairs-up-to. Without --bin only scikit-learn is measured. Prints Markdown.
"""
import argparse, collections, csv, importlib.metadata, json, os, pathlib, platform, random, statistics, subprocess, sys, tempfile, time

POLITE = ["", "", "hi ", "hello, ", "please ", "hey there, ", "quick question: ", "good morning, "]
ENDINGS = ["", "", " please", " thanks", ", can you help", " asap", "?", " as soon as possible"]
# The cosine distances at which agglomerative clustering may stop.
WORD_DISTANCES = [0.75, 0.8, 0.85, 0.9, 0.95]
SENTENCE_DISTANCES = [0.4, 0.45, 0.5, 0.55, 0.6, 0.65]


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"text", "label"} <= rows[0].keys():
        sys.exit(f"{path}: expected rows with the columns text and label")
    return [" ".join(row["text"].split()) for row in rows], [row["label"] for row in rows]


def enlarged(texts, labels, count):
    """A larger set of the same shape: drawn with replacement, with other beginnings and ends, in half of the texts a word left out."""
    numbers = random.Random(7)
    drawn = [numbers.randrange(len(texts)) for _ in range(count)]
    changed = []
    for index in drawn:
        words = texts[index].split()
        if len(words) > 4 and numbers.random() < 0.5:
            words.pop(numbers.randrange(len(words)))
        changed.append(numbers.choice(POLITE) + " ".join(words) + numbers.choice(ENDINGS))
    return changed, [labels[index] for index in drawn]


def score(path):
    """Prints NMI, ARI and "of 10" of the labels and clusters in a file; None is outside."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    found = json.loads(pathlib.Path(path).read_text())
    labels, clusters = found["labels"], found["clusters"]
    clusters = [f"outside {index}" if cluster is None else str(cluster) for index, cluster in enumerate(clusters)]
    members = collections.defaultdict(collections.Counter)
    for label, cluster in zip(labels, clusters):
        members[cluster][label] += 1
    largest = sorted(members.values(), key=lambda counts: -counts.total())[:10]
    heads = {counts.most_common(1)[0][0] for counts in largest}
    hits = sum(label in heads for label, _ in collections.Counter(labels).most_common(10))
    print(json.dumps([normalized_mutual_info_score(labels, clusters), adjusted_rand_score(labels, clusters), hits]))


# MARK: Processes
#
# This process imports nothing large: on Linux the peak memory of a process counts that of its parent when it was started.


def scores(labels, clusters):
    if len(clusters) != len(labels):
        sys.exit(f"{len(clusters)} assignments for {len(labels)} texts")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"labels": labels, "clusters": clusters}, file)
        file.flush()
        return json.loads(subprocess.check_output([sys.executable, __file__, "--score", file.name]))


def run(command, out):
    """Runs a command with its output in a file; returns the seconds and the peak memory in MB."""
    begun = time.monotonic()
    with open(out, "wb") as file:
        process = subprocess.Popen(command, stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command[:4])} … ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def measured(command, out, runs):
    """Runs a command several times; returns its last output as JSON, the median of the seconds and the largest peak memory."""
    figures = [run(command, out) for _ in range(runs)]
    result = json.loads(pathlib.Path(out).read_text())
    return result, statistics.median(seconds for seconds, _ in figures), max(memory for _, memory in figures)


def encoded(encode, texts, folder):
    """Writes the vectors of texts, in hexadecimal, one a line; returns the file and the seconds."""
    cores = os.cpu_count() or 1
    size = -(-len(texts) // cores)
    begun = time.monotonic()
    processes = []
    for number, start in enumerate(range(0, len(texts), size)):
        part = folder / f"texts-{number}"
        part.write_text("".join(text + "\n" for text in texts[start:start + size]), encoding="utf-8")
        with open(part, "rb") as source, open(folder / f"vectors-{number}", "wb") as out:
            processes.append(subprocess.Popen([encode, "--vectors"], stdin=source, stdout=out))
    if any([process.wait() for process in processes]):
        sys.exit(f"{encode} --vectors failed")
    seconds = time.monotonic() - begun
    vectors = folder / "vectors"
    vectors.write_text("".join((folder / f"vectors-{number}").read_text() for number in range(len(processes))))
    if vectors.read_text().count("\n") != len(texts):
        sys.exit(f"{encode} --vectors printed another number of vectors than there are texts")
    return vectors, seconds


# MARK: scikit-learn, in a process of its own


def word_vectors(path):
    from sklearn.feature_extraction.text import TfidfVectorizer
    texts = [json.loads(line)["text"] for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]
    return TfidfVectorizer(token_pattern=r"(?u)\b\w+\b").fit_transform(texts)


def sentence_vectors(path):
    import numpy
    from sklearn.preprocessing import normalize
    rows = [bytes.fromhex(line) for line in pathlib.Path(path).read_text().splitlines()]
    return normalize(numpy.frombuffer(b"".join(rows), dtype=numpy.int8).reshape(len(rows), -1).astype(numpy.float64))


def work(method, parameter, path):
    """Clusters what is in a file and prints the clusters as JSON."""
    kind, algorithm = method.split("-")
    vectors = word_vectors(path) if kind == "words" else sentence_vectors(path)
    if algorithm == "kmeans":
        from sklearn.cluster import KMeans
        clusters = KMeans(n_clusters=int(parameter), n_init=1, random_state=7).fit_predict(vectors)
    else:
        from sklearn.cluster import AgglomerativeClustering
        dense = vectors.toarray() if kind == "words" else vectors
        clusters = AgglomerativeClustering(
            n_clusters=None, metric="cosine", linkage="average", distance_threshold=float(parameter)).fit_predict(dense)
    print(json.dumps([int(cluster) for cluster in clusters]))


# MARK: The table


def row(count, name, labels, clusters, seconds, megabytes):
    information, rand, hits = scores(labels, clusters)
    print(
        f"| {count:,} | {name} | {information:.3f} | {rand:.3f} | {hits} | {seconds:.1f} | {megabytes:,.0f} |", flush=True)


def compare(texts, labels, options, folder):
    file, out = folder / "tickets.ndjson", folder / "out"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    if options.bin:
        command = [f"{options.bin}/gonogo", "review", "topics", "--file", str(file), "--output", "json"]
        result, seconds, memory = measured(command, out, options.runs)
        row(len(texts), "gonogo", labels, result["assignments"], seconds, memory)

    def worker(method, parameter, path, runs):
        command = [sys.executable, str(pathlib.Path(__file__).resolve()), "--work", method, str(parameter), str(path)]
        return measured(command, out, runs)

    def kmeans(kind, name, path, before):
        clusters, seconds, memory = worker(f"{kind}-kmeans", len(set(labels)), path, options.runs)
        row(len(texts), f"scikit-learn, {name}, k-means with k = {len(set(labels))}", labels, clusters, before + seconds, memory)

    def agglomerative(kind, name, path, distances, before):
        if len(texts) > options.pairs_up_to:
            return
        agreement = {}
        for distance in distances:
            clusters, _, _ = worker(f"{kind}-agglomerative", distance, path, 1)
            agreement[distance] = scores(labels, clusters)[0]
        best = max(agreement, key=agreement.get)
        clusters, seconds, memory = worker(f"{kind}-agglomerative", best, path, options.runs)
        row(
            len(texts), f"scikit-learn, {name}, agglomerative to {best:.2f}", labels, clusters, before + seconds, memory)

    kmeans("words", "TF-IDF", file, 0)
    agglomerative("words", "TF-IDF", file, WORD_DISTANCES, 0)
    if options.encode:
        vectors, before = encoded(options.encode, texts, folder)
        kmeans("sentences", "sentence vectors", vectors, before)
        agglomerative("sentences", "sentence vectors", vectors, SENTENCE_DISTANCES, before)


def machine():
    """The processor and the versions, for below the table."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.machine()
    return f"{os.cpu_count()} cores of {processor}; Python {platform.python_version()}, scikit-learn {importlib.metadata.version('scikit-learn')}"


def main():
    if sys.argv[1:2] == ["--work"]:
        return work(*sys.argv[2:])
    if sys.argv[1:2] == ["--score"]:
        return score(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tickets", help="a CSV file with the columns text and label")
    parser.add_argument("--bin", help="the folder of the release executables; without it, scikit-learn alone is measured")
    parser.add_argument("--encode", help="the executable `encode` of Benchmarks, for sentence vectors")
    parser.add_argument("--sizes", type=int, nargs="*", default=[20_000], help="sizes of the larger sets")
    parser.add_argument("--pairs-up-to", type=int, default=5_000, help="the largest set whose pairs are all compared")
    parser.add_argument("--runs", type=int, default=3, help="runs of each row")
    options = parser.parse_args()
    texts, labels = read(options.tickets)
    print("| tickets | method | NMI | ARI | of 10 | seconds | peak MB |\n|--:|---|--:|--:|--:|--:|--:|", flush=True)
    for size in [None] + options.sizes:
        larger = (texts, labels) if size is None else enlarged(texts, labels, size)
        with tempfile.TemporaryDirectory() as folder:
            compare(*larger, options, pathlib.Path(folder))
    print(f"\n{machine()}", flush=True)


if __name__ == "__main__":
    main()
