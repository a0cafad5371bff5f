{"event_type":"b"}
