import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Scanner;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What a Java client writes and reads, run from source: produce BROKER TOPIC COMPRESSION (keys on stdin, in several compressions: A,B)
 * or consume BROKER TOPIC COUNT (prints partition TAB key TAB value). Proves that both sides understand each other.
 */
public class JavaClient {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[1]);
    String text = "org.apache.kafka.common.serialization.String";
    properties.putAll(Map.of("key.serializer", text + "Serializer", "value.serializer", text + "Serializer"));
    properties.putAll(Map.of("key.deserializer", text + "Deserializer", "value.deserializer", text + "Deserializer"));
    if (args[0].equals("produce")) produce(properties, args[2], args[3].split(","));
    else consume(properties, args[2], Integer.parseInt(args[3]));
  }

  private static void produce(Properties properties, String topic, String[] compressions) throws Exception {
    List<String> lines = new Scanner(System.in).tokens().toList();
    for (String compression : compressions) {
      properties.putAll(Map.of("compression.type", compression, "linger.ms", "100", "batch.size", "900000"));
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
        for (String line : lines) producer.send(new ProducerRecord<>(topic, line, compression + ":" + line));
      }
    }
  }

  private static void consume(Properties properties, String topic, int count) {
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties)) {
      List<TopicPartition> all =
          consumer.partitionsFor(topic).stream().map((p) -> new TopicPartition(topic, p.partition())).toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      for (int seen = 0; seen < count; ) {
        var records = consumer.poll(Duration.ofSeconds(1));
        seen += records.count();
        records.forEach((r) -> System.out.println(r.partition() + "\t" + r.key() + "\t" + r.value()));
      }
    }
  }
}
